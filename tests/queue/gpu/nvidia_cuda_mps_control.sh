#!/bin/bash
# A stand-in for nvidia-cuda-mps-control. With -d a daemon really runs, in the background, and
# answers through a pipe in its folder. Calls are recorded in $FAKE_NVIDIA/calls. Files there make
# it fail: `no-start` (it ends at once), `deaf` (it does not quit, nor heed TERM).
pipe=$CUDA_MPS_PIPE_DIRECTORY
if [[ -z $pipe ]]; then pipe=/tmp/nvidia-mps; fi
record() { printf '%s\n' "$*" >>"$FAKE_NVIDIA/calls"; }

serve() {
  local reply words
  if [[ -e $FAKE_NVIDIA/deaf ]]; then trap '' TERM; fi
  echo $$ >"$pipe/nvidia-cuda-mps-control.pid"
  exec <>"$pipe/control" # for both, so that the end of a client is not the end of all
  while read -r reply words; do
    case $words in
      get_default_active_thread_percentage) echo 100.0 >"$reply" ;;
      get_server_list) echo >"$reply" ;;
      quit)
        echo >"$reply"
        if [[ ! -e $FAKE_NVIDIA/deaf ]]; then exit 0; fi ;;
      *) echo "Unknown command: $words" >"$reply" ;;
    esac
  done
}

case $1 in
  -d)
    record "start devices=$CUDA_VISIBLE_DEVICES limits=$CUDA_MPS_ACTIVE_THREAD_PERCENTAGE pipe=$pipe"
    if [[ -e $FAKE_NVIDIA/no-start ]]; then echo "Cannot start the MPS control daemon"; exit 1; fi
    longest=$pipe/control_privileged # a UNIX socket has no longer name
    if ((${#longest} > 107)); then echo "Cannot bind: File name too long"; exit 1; fi
    mkfifo "$pipe/control" || exit 1
    setsid "$0" serve </dev/null >"$CUDA_MPS_LOG_DIRECTORY/control.log" 2>&1 &
    ;;
  serve) serve ;;
  '')
    read -r words
    record "$words pipe=$pipe"
    read -r daemon 2>/dev/null <"$pipe/nvidia-cuda-mps-control.pid"
    if [[ -z $daemon ]] || ! kill -0 "$daemon" 2>/dev/null; then
      echo "Cannot find MPS control daemon process"
      exit 1
    fi
    reply=$pipe/reply.$$
    mkfifo "$reply"
    echo "$reply $words" 1<>"$pipe/control"
    read -r -t 1 answer <>"$reply" # the daemon may have ended meanwhile
    rm -f "$reply"
    if [[ -n $answer ]]; then echo "$answer"; fi
    ;;
esac

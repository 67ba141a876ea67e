#!/bin/bash
# A stand-in for nvidia-smi: answers from files in $FAKE_NVIDIA, and records how it was called.
printf 'nvidia-smi %s\n' "$*" >>"$FAKE_NVIDIA/calls"
case $1 in
  --query-gpu=*) file=gpus ;;
  --query-compute-apps=*) file=apps ;;
  -L) file=list ;;
  *) echo "Invalid combination of input arguments."; exit 1 ;;
esac
if [[ -e $FAKE_NVIDIA/$file.hangs ]]; then trap '' TERM; read -r -t 60 <> <(:); fi
if [[ ! -e $FAKE_NVIDIA/$file ]]; then
  echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
  exit 9
fi
cat "$FAKE_NVIDIA/$file"

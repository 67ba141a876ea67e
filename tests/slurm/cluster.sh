#!/bin/bash
# cluster.sh - a real multi-node Slurm cluster on ONE machine, as a test bed.
#   cluster.sh up        install what is missing, write the configuration, start all daemons,
#                        create accounts/users/QOS, wait until every node is idle (idempotent)
#   cluster.sh install   the first step of up alone
#   cluster.sh down      cancel jobs, stop every daemon (by pid file); state and accounting kept
#   cluster.sh purge     down, then delete state, accounting and logs (next `up` is fresh: job ids restart)
#   cluster.sh status    what runs; exit 0 only when all daemons run and all nodes are usable
#   cluster.sh start|stop|kill munged|mariadbd|slurmdbd|slurmctld|NODE   one daemon (kill = SIGKILL)
#   cluster.sh crash NODE                 slurmd, slurmstepd and job processes of a node at once (power loss)
#   cluster.sh forget                     the controller restarts without its memory of jobs, and ends those it finds
#   cluster.sh nodes     node names
#   cluster.sh as USER COMMAND            a command as alice, bob or mallory, login-like, in /scratch/USER
#   cluster.sh --no-accounting ...        a second, small cluster beside it, plain[01-02], that has no accounting
#                        at all and forgets jobs after 15 s; its commands need SLURM_CONF (`conf` prints it)
#   cluster.sh --suite trixie ...         the same cluster with the Slurm of another Debian suite, in a
#                        folder made by debootstrap ("destroy" removes it); run one cluster at a time
# Needs root, Debian (22.05 in bookworm, 24.11 in trixie), no systemd, no internet but apt. cgroup v1 memory used when there.
# Everything is overridable from the environment, e.g.  MAXJOBCOUNT=100 cluster.sh up
set -uo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
umask 022

ACCOUNTING=1
if [ "${1:-}" = --no-accounting ]; then
	shift; ACCOUNTING=0
	: "${LAB:=/tmp/expflow-lab/plain}" "${CLUSTER:=plain}" "${PORT_BASE:=29000}" "${MINJOBAGE:=15}"
	: "${ETC:=$LAB/etc}"
	export SLURM_CONF=$ETC/slurm.conf
fi

: "${LAB:=/tmp/expflow-lab/run}"           # state, spool, logs, pid files, database
: "${CLUSTER:=testcluster}"
: "${ETC:=/etc/slurm}"                  # default path: clients then need no SLURM_CONF
: "${PORT_BASE:=27000}"                 # +0 database, +1 slurmdbd, +2 slurmctld, +11.. nodes; moved when taken
: "${SCRATCH:=/scratch}"
: "${MAXARRAYSIZE:=1001}" "${MAXJOBCOUNT:=20000}" "${MINJOBAGE:=60}"
: "${SLURMDTIMEOUT:=10}" "${KILLWAIT:=3}" "${REQUEUE_WAIT:=5}"   # REQUEUE_WAIT below 5 is refused by slurmctld
: "${PREEMPT:=partition}"               # partition | qos
: "${CGROUP:=auto}"                     # auto|1|0: memory limits by the cgroup v1 memory controller (then OUT_OF_MEMORY is real)
: "${EXTRA_CONF:=}" "${EXTRA_SCHED:=}"  # raw slurm.conf lines; ",more,SchedulerParameters"
: "${USERS:=alice:2001 bob:2002 mallory:2003}"   # mallory: a Unix user without any association
CPU_NODES="cpu01 cpu02 cpu03 cpu04"; GPU_NODES="gpu01 gpu02 gpu03 gpu04"
ALL_NODES="$CPU_NODES $GPU_NODES"
DAEMONS="munged mariadbd slurmdbd slurmctld"
[ $ACCOUNTING = 1 ] || ALL_NODES="plain01 plain02" DAEMONS="munged slurmctld"
HOST=$(hostname -s)
PID=$LAB/pid LOG=$LAB/log
PKGS="munge mariadb-server slurmctld slurmd slurmdbd slurm-client"

say()  { printf '[cluster] %s\n' "$*" >&2; }
die()  { say "ERROR: $*"; exit 1; }
now()  { date +%s.%N; }

# ---------------------------------------------------------------- packages
CHANGED=0     # 1 when configure() wrote a file anew
install_packages() {
	local p missing=""
	for p in $PKGS slurm-wlm-mysql-plugin; do
		[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null)" = "ii " ] || missing+=" $p"
	done
	[ -z "$missing" ] && return 0
	say "installing:$missing"
	# keep the maintainer scripts from starting daemons of their own
	local made=""
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1
	fi
	local rc=0
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get -q -o DPkg::Lock::Timeout=300 update &&
	  apt-get -q -o DPkg::Lock::Timeout=300 -y install --no-install-recommends $missing; } >/tmp/expflow-lab-apt.log 2>&1 || rc=$?
	[ -n "$made" ] && rm -f /usr/sbin/policy-rc.d
	[ $rc = 0 ] || { tail -20 /tmp/expflow-lab-apt.log >&2; die "apt-get failed ($rc)"; }
}

slurm_version() { slurmctld -V | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/'; }   # e.g. 22.05
at_least() { [ "$(printf '%s\n%s\n' "$1" "$(slurm_version)" | sort -V | head -1)" = "$1" ]; }

# ---------------------------------------------------------------- configuration
write_if_changed() {    # PATH MODE OWNER   (content on stdin)
	local t; t=$(mktemp); cat >"$t"
	if ! cmp -s "$t" "$1"; then CHANGED=1; install -D -m "$2" -o "${3%:*}" -g "${3#*:}" "$t" "$1"; fi
	chmod "$2" "$1"; chown "$3" "$1"; rm -f "$t"
}

use_cgroup() {   # v1 only; the unified hierarchy needs a delegated tree
	case $CGROUP in
		0) return 1;;
		1) return 0;;
		*) [ -w /sys/fs/cgroup/memory/cgroup.procs ] && [ -e /sys/fs/cgroup/memory/memory.limit_in_bytes ];;
	esac
}
accounting_conf() {
	if [ $ACCOUNTING = 0 ]; then echo AccountingStorageType=accounting_storage/none; return; fi
	cat <<-CONF
	AccountingStorageType=accounting_storage/slurmdbd
	AccountingStorageHost=127.0.0.1
	AccountingStoragePort=$DBD_PORT
	AccountingStorageTRES=gres/gpu,gres/gpu:a100,gres/gpu:rtx8000,gres/gpu:h100
	AccountingStorageEnforce=associations,limits,qos
	AccountingStoreFlags=job_comment,job_script
	CONF
}
nodes_conf() {
	if [ $ACCOUNTING = 0 ]; then
		cat <<-CONF
		NodeName=plain[01-02] NodeHostname=$HOST NodeAddr=127.0.0.1 Port=[$((NODE_PORT0+1))-$((NODE_PORT0+2))] Sockets=2 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=128000
		PartitionName=cpu Nodes=plain[01-02] Default=YES State=UP DefMemPerCPU=1000 DefaultTime=00:30:00 MaxTime=7-00:00:00
		CONF
		return
	fi
	cat <<-CONF
	# 8 nodes of 32 CPUs on one host (gpu04 with two threads per core)
	NodeName=cpu[01-02] NodeHostname=$HOST NodeAddr=127.0.0.1 Port=[$((NODE_PORT0+1))-$((NODE_PORT0+2))] Sockets=2 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=128000 TmpDisk=100000 Feature=intel,skylake,ib Weight=10
	NodeName=cpu[03-04] NodeHostname=$HOST NodeAddr=127.0.0.1 Port=[$((NODE_PORT0+3))-$((NODE_PORT0+4))] Sockets=2 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=256000 TmpDisk=100000 Feature=amd,rome,bigmem Weight=20
	NodeName=gpu[01-02] NodeHostname=$HOST NodeAddr=127.0.0.1 Port=[$((NODE_PORT0+11))-$((NODE_PORT0+12))] Sockets=2 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=512000 TmpDisk=400000 Feature=amd,rome,gpu,a100,gpu80g,ib Gres=gpu:a100:4 Weight=100
	NodeName=gpu03 NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$((NODE_PORT0+13)) Sockets=2 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=192000 TmpDisk=400000 Feature=intel,skylake,gpu,rtx8000,gpu48g Gres=gpu:rtx8000:8 Weight=50
	NodeName=gpu04 NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$((NODE_PORT0+14)) Sockets=2 CoresPerSocket=8 ThreadsPerCore=2 RealMemory=512000 TmpDisk=400000 Feature=intel,sapphire,gpu,h100,gpu80g,ib Gres=gpu:h100:2 Weight=200
	PartitionName=DEFAULT State=UP DefMemPerCPU=1000 DefaultTime=00:30:00 PriorityTier=10 PreemptMode=OFF OverSubscribe=NO
	PartitionName=cpu     Nodes=cpu[01-04] MaxTime=7-00:00:00 PriorityJobFactor=10 Default=YES
	PartitionName=gpu     Nodes=gpu[01-04] MaxTime=2-00:00:00 PriorityJobFactor=10
	PartitionName=a100    Nodes=gpu[01-02] MaxTime=1-00:00:00 PriorityJobFactor=20
	PartitionName=short   Nodes=cpu[01-04],gpu[01-04] MaxTime=00:10:00 DefaultTime=00:05:00 PriorityTier=20 PriorityJobFactor=50
	PartitionName=preempt Nodes=cpu[01-04],gpu[01-04] MaxTime=7-00:00:00 PriorityTier=1 PriorityJobFactor=1 PreemptMode=REQUEUE
	PartitionName=vip     Nodes=cpu[03-04],gpu04 MaxTime=UNLIMITED AllowAccounts=vip AllowQos=normal,high PriorityTier=15 PriorityJobFactor=100
	CONF
}
configure() {
	local u n i
	for u in $USERS; do
		id "${u%:*}" >/dev/null 2>&1 || useradd -m -u "${u#*:}" -s /bin/bash "${u%:*}"
		install -d -m 755 -o "${u%:*}" -g "${u%:*}" "$SCRATCH/${u%:*}"
	done
	getent hosts "$HOST" >/dev/null || echo "127.0.0.1 $HOST" >>/etc/hosts

	install -d -m 755 "$LAB" "$LOG" "$PID" "$LAB/spool"
	install -d -m 755 -o slurm -g slurm "$LAB/state" "$LOG/slurm" "$PID/slurm"
	install -d -m 755 -o mysql -g mysql "$LAB/mysql" "$LOG/mysql" "$PID/mysql"
	install -d -m 755 -o munge -g munge /run/munge
	install -d -m 711 -o munge -g munge /var/lib/munge
	install -d -m 700 -o munge -g munge /etc/munge /var/log/munge
	if [ ! -s /etc/munge/munge.key ]; then
		dd if=/dev/urandom of=/etc/munge/munge.key bs=128 count=1 status=none
	fi
	chown munge:munge /etc/munge/munge.key; chmod 400 /etc/munge/munge.key

	write_if_changed "$LAB/mail.sh" 755 root:root <<-MAIL
	#!/bin/sh
	printf '%s\\n' "\$*" >>$LOG/slurm/mail.log; cat >/dev/null
	MAIL
	local preempt_type
	case $PREEMPT in
		partition) preempt_type=preempt/partition_prio;;
		qos)       preempt_type=preempt/qos;;
	esac

	local taskplugin=task/none overmem=OverMemoryKill
	if use_cgroup; then
		taskplugin=task/cgroup overmem=NoOverMemoryKill
		write_if_changed "$ETC/cgroup.conf" 644 root:root <<-CONF
		CgroupPlugin=cgroup/v1
		CgroupMountpoint=/sys/fs/cgroup
		ConstrainRAMSpace=yes
		CONF
	elif at_least 23.02; then
		echo "CgroupPlugin=disabled" | write_if_changed "$ETC/cgroup.conf" 644 root:root
	else
		rm -f "$ETC/cgroup.conf"
	fi

	write_if_changed "$ETC/slurm.conf" 644 root:root <<-CONF
	# written by cluster.sh
	ClusterName=$CLUSTER
	SlurmctldHost=$HOST(127.0.0.1)
	SlurmUser=slurm
	SlurmctldPort=$CTLD_PORT
	AuthType=auth/munge
	# cred_expire: also how long a requeued job waits before it may start again (default 120 s)
	AuthInfo=socket=/run/munge/munge.socket.2,cred_expire=$REQUEUE_WAIT
	CredType=cred/munge
	StateSaveLocation=$LAB/state
	SlurmdSpoolDir=$LAB/spool/%n
	SlurmctldPidFile=$PID/slurm/slurmctld.pid
	SlurmdPidFile=$PID/slurmd.%n.pid
	SlurmctldLogFile=$LOG/slurm/slurmctld.log
	SlurmdLogFile=$LOG/slurmd.%n.log
	SlurmctldDebug=info
	SlurmdDebug=info
	ProctrackType=proctrack/linuxproc
	TaskPlugin=$taskplugin
	JobAcctGatherType=jobacct_gather/linux
	JobAcctGatherFrequency=task=1
	JobAcctGatherParams=$overmem
	SlurmdParameters=config_overrides
	MailProg=$LAB/mail.sh
	MpiDefault=none
	SwitchType=switch/none
	ReturnToService=2
	# quick tests
	SlurmctldTimeout=30
	SlurmdTimeout=$SLURMDTIMEOUT
	MessageTimeout=10
	TCPTimeout=2
	KillWait=$KILLWAIT
	UnkillableStepTimeout=60
	CompleteWait=0
	InactiveLimit=0
	MinJobAge=$MINJOBAGE
	Waittime=0
	BatchStartTimeout=30
	EpilogMsgTime=0
	TreeWidth=16
	# limits
	MaxArraySize=$MAXARRAYSIZE
	MaxJobCount=$MAXJOBCOUNT
	JobRequeue=1
	EnforcePartLimits=ALL
	# scheduling
	SchedulerType=sched/backfill
	SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1,bf_continue,bf_max_job_test=1000,bf_window=20160,bf_resolution=60,default_queue_depth=1000,preempt_youngest_first$EXTRA_SCHED
	SelectType=select/cons_tres
	SelectTypeParameters=CR_Core_Memory
	PreemptType=$preempt_type
	PreemptMode=REQUEUE
	PreemptExemptTime=0
	PriorityType=priority/$([ $ACCOUNTING = 1 ] && echo multifactor || echo basic)
	PriorityDecayHalfLife=1-0
	PriorityCalcPeriod=1
	PriorityMaxAge=1-0
	PriorityWeightAge=1000
	PriorityWeightFairshare=10000
	PriorityWeightJobSize=100
	PriorityWeightPartition=1000
	PriorityWeightQOS=5000
	PriorityWeightTRES=CPU=100,Mem=100,GRES/gpu=1000
	# accounting
	$(accounting_conf)
	JobCompType=jobcomp/none
	GresTypes=gpu
	$EXTRA_CONF
	$(nodes_conf)
	CONF

	# GPUs need File=: with Count= alone nodes register 0 GPUs and go to INVAL
	install -d -m 755 "$LAB/dev"
	for i in 0 1 2 3 4 5 6 7; do
		[ -e "$LAB/dev/nvidia$i" ] || mknod -m 666 "$LAB/dev/nvidia$i" c 1 3    # as /dev/null
	done
	write_if_changed "$ETC/gres.conf" 644 root:root <<-CONF
	AutoDetect=off
	NodeName=gpu[01-02] Name=gpu Type=a100 File=$LAB/dev/nvidia[0-3]
	NodeName=gpu03 Name=gpu Type=rtx8000 File=$LAB/dev/nvidia[0-7]
	NodeName=gpu04 Name=gpu Type=h100 File=$LAB/dev/nvidia[0-1]
	CONF

	write_if_changed "$ETC/slurmdbd.conf" 600 slurm:slurm <<-CONF
	# written by cluster.sh
	AuthType=auth/munge
	AuthInfo=/run/munge/munge.socket.2
	DbdHost=$HOST
	DbdAddr=127.0.0.1
	DbdPort=$DBD_PORT
	SlurmUser=slurm
	LogFile=$LOG/slurm/slurmdbd.log
	PidFile=$PID/slurm/slurmdbd.pid
	DebugLevel=info
	StorageType=accounting_storage/mysql
	StorageHost=127.0.0.1
	StoragePort=$DB_PORT
	StorageUser=slurm
	StoragePass=expflowlab
	StorageLoc=slurm_acct_db
	MessageTimeout=10
	CONF
}

# ---------------------------------------------------------------- daemons
pidfile() {
	case $1 in
		munged) echo /run/munge/munged.pid;;
		mariadbd) echo "$PID/mysql/mariadbd.pid";;
		slurmdbd|slurmctld) echo "$PID/slurm/$1.pid";;
		*) echo "$PID/slurmd.$1.pid";;
	esac
}
any_alive() { local d; for d in ${DAEMONS#munged} $ALL_NODES; do alive "$d" >/dev/null && return 0; done; return 1; }
choose_ports() {   # the ports of the last time while any daemon runs or they are free; else the first free hundred
	[ -s "$LAB/ports" ] && PORT_BASE=$(cat "$LAB/ports")
	if [ "${1:-}" != keep ] && ! any_alive; then
		while ss -Hltn | awk '{print $4}' | sed 's/.*://' | awk -v b="$PORT_BASE" '$1>=b && $1<b+100 {f=1} END {exit !f}'
		do PORT_BASE=$((PORT_BASE+100)); done
		mkdir -p "$LAB"; echo "$PORT_BASE" >"$LAB/ports"
	fi
	DB_PORT=$PORT_BASE DBD_PORT=$((PORT_BASE+1)) CTLD_PORT=$((PORT_BASE+2)) NODE_PORT0=$((PORT_BASE+10))
}
progname() { case $1 in munged|mariadbd|slurmdbd|slurmctld) echo "$1";; *) echo slurmd;; esac; }
alive() {   # prints the pid of a daemon that runs, and only if the pid still is that program
	local f p c; f=$(pidfile "$1"); [ -s "$f" ] || return 1
	p=$(cat "$f" 2>/dev/null | tr -dc 0-9); [ -n "$p" ] && [ -r "/proc/$p/comm" ] || return 1
	c=$(cat "/proc/$p/comm"); case $c in "$(progname "$1")"*) ;; *) return 1;; esac
	[ "$(sed 's/.*) //' "/proc/$p/stat" | cut -c1)" = Z ] && return 1
	echo "$p"
}
wait_for() {   # SECONDS DESCRIPTION COMMAND...
	local end=$((SECONDS+$1)) what=$2; shift 2
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { say "gave up waiting for $what"; return 1; }
		sleep 0.05
	done
}
db() { mariadb --no-defaults --protocol=socket --socket="$LAB/mysql/sock" -u root "$@"; }
tcp_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
ctld_up() { scontrol ping 2>/dev/null | grep -q 'is UP'; }

detached() {   # a daemon keeps nothing of the caller's open: a lock, say. In a sub-shell.
	local fd
	for fd in /proc/$BASHPID/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done
	exec setsid "$@"
}
start_munged() {
	rm -f /run/munge/munged.pid /run/munge/munge.socket.2*
	( detached runuser -u munge -- /usr/sbin/munged ) || return 1
	wait_for 10 munged sh -c 'munge -n </dev/null | unmunge'
}
start_mariadbd() {
	local fresh=""
	if [ ! -d "$LAB/mysql/data/mysql" ]; then
		fresh=1
		mariadb-install-db --no-defaults --user=mysql --datadir="$LAB/mysql/data" --skip-test-db \
			--auth-root-authentication-method=normal >"$LOG/mysql/install.log" 2>&1 || die "mariadb-install-db: $LOG/mysql/install.log"
	fi
	rm -f "$PID/mysql/mariadbd.pid"
	# --no-defaults: nothing of /etc/mysql, so a MariaDB of the machine's own is left alone
	( detached mariadbd --no-defaults --user=mysql --datadir="$LAB/mysql/data" --socket="$LAB/mysql/sock" \
		--pid-file="$PID/mysql/mariadbd.pid" --bind-address=127.0.0.1 --port="$DB_PORT" --skip-name-resolve \
		--innodb-buffer-pool-size=512M --innodb-log-file-size=64M --innodb-lock-wait-timeout=900 \
		--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --max-allowed-packet=64M \
		--log-error="$LOG/mysql/mariadbd.log" </dev/null >/dev/null 2>&1 & )
	wait_for 60 mariadbd db -e 'select 1' || return 1
	[ -z "$fresh" ] || db <<-SQL
		create database slurm_acct_db;
		create user slurm@'127.0.0.1' identified by 'expflowlab';
		grant all on slurm_acct_db.* to slurm@'127.0.0.1';
	SQL
}
start_slurmdbd() {
	rm -f "$PID/slurm/slurmdbd.pid"
	( detached slurmdbd ) </dev/null >/dev/null 2>&1 || return 1
	wait_for 60 slurmdbd tcp_open "$DBD_PORT"
}
start_slurmctld() {
	rm -f "$PID/slurm/slurmctld.pid"
	# first start registers the cluster in slurmdbd by itself
	( detached slurmctld ) </dev/null >>"$LOG/slurmctld.stderr" 2>&1 || return 1
	wait_for 60 slurmctld ctld_up
}
start_node() {
	rm -f "$PID/slurmd.$1.pid"
	mkdir -p "$LAB/spool/$1"
	( detached slurmd -N "$1" ) </dev/null >>"$LOG/slurmd.$1.stderr" 2>&1
}
start_one() {
	alive "$1" >/dev/null && return 0
	case $1 in munged|mariadbd|slurmdbd|slurmctld) "start_$1";; *) start_node "$1";; esac || die "$1 did not start (see $LOG)"
}
running() { [ -r "/proc/$1/stat" ] && [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c1)" != Z ]; }
stop_one() {   # NAME [SIGNAL]; waits until the process is gone (slurmd deletes its pid file long before it ends)
	local p i n=400; p=$(alive "$1") || return 0
	kill "-${2:-TERM}" "$p" 2>/dev/null
	[ "$(progname "$1")" = slurmd ] && n=60
	for ((i=0; i<n; i++)); do running "$p" || return 0; sleep 0.05; done
	[ $n = 60 ] || say "$1 (pid $p) does not stop; SIGKILL"
	kill -KILL "$p" 2>/dev/null
	for ((i=0; i<100; i++)); do running "$p" || return 0; sleep 0.05; done
}

# ---------------------------------------------------------------- accounting
accounting() {   # before slurmctld starts: AllowQos=/AllowAccounts= in slurm.conf drop what is not known yet
	local s="sacctmgr -i -Q" stamp="$LAB/state/accounting.$(declare -f accounting | md5sum | cut -c1-12)"
	[ -e "$stamp" ] && return 0
	{	# " Nothing new added." exits 1 in a repeat: not an error here
		$s add cluster "$CLUSTER"
		$s add qos high,limited,shortwall,scavenger,gpulimit
		$s modify qos where name=high      set Priority=1000 Preempt=scavenger
		$s modify qos where name=limited   set MaxSubmitJobsPerUser=5 MaxJobsPerUser=2
		$s modify qos where name=shortwall set MaxWall=00:05:00 Priority=100
		$s modify qos where name=scavenger set UsageFactor=0.1 PreemptMode=requeue
		$s add account physics Description=physics Organization=science
		$s add account astro  parent=physics Fairshare=10
		$s add account hep    parent=physics Fairshare=5
		$s add account biology Fairshare=10
		$s add account vip    Fairshare=50
		$s add account capped GrpTRES=cpu=8 GrpJobs=4 GrpSubmitJobs=6
		$s modify account where name=physics,biology,capped set qos=normal,limited,gpulimit,shortwall,scavenger DefaultQOS=normal
		$s modify account where name=vip set qos=normal,high DefaultQOS=normal
		$s add user alice account=astro,hep,vip,capped DefaultAccount=astro
		$s add user bob   account=biology,capped DefaultAccount=biology
	} >"$LOG/accounting.log" 2>&1
	sacctmgr -nP list assoc format=account,user,qos | grep -q '^astro|alice|.*gpulimit' || return 1
	: >"$stamp"
}
gres_limits() {  # gres/gpu is a known TRES only after slurmctld has registered
	local stamp="$LAB/state/gres_limits"
	[ -e "$stamp" ] && return 0
	wait_for 20 "TRES gres/gpu" sh -c 'sacctmgr -nP list tres | grep -q "^gres|gpu|"' &&
	sacctmgr -i -Q modify qos where name=gpulimit set MaxTRESPerUser=gres/gpu=2 >>"$LOG/accounting.log" 2>&1 && : >"$stamp"
}

# ---------------------------------------------------------------- whole cluster
usable_nodes() { sinfo -h -N -o '%N %T' 2>/dev/null | sort -u | awk '$2 ~ /^(idle|mixed|allocated|completing|planned|reserved)$/' | wc -l; }
all_usable() { [ "$(usable_nodes)" = "$(echo $ALL_NODES | wc -w)" ]; }
stepds() {   # [NODE]: the step daemons of this cluster, found by the sockets they hold
	ss -Hxlp 2>/dev/null | awk -v d="$LAB/spool/${1:-}" 'index($5, d)==1 && match($0, /pid=[0-9]+/) {print substr($0, RSTART+4, RLENGTH-4)}'
}
tree() { local c; echo "$1"; for c in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$c"; done; }
cmd_crash() {   # a node that dies: its slurmd, step daemons and job processes at once
	local p all=""
	for p in $(stepds "$1/"); do all+=" $(tree "$p")"; done
	p=$(alive "$1") && all="$p $all"
	[ -z "$all" ] || kill -KILL $all 2>/dev/null
	rm -rf "$LAB/spool/$1/$1"_* "$LAB/spool/$1"/job[0-9]*     # else: "launch failed requeued held" (slurm_script: File exists)
}

cmd_up() {
	[ "$(id -u)" = 0 ] || die "must be root"
	local t0 n; t0=$(now)
	install_packages
	choose_ports
	configure
	if [ $CHANGED = 1 ]; then    # running daemons (with jobs) take the new configuration by a restart
		stop_one slurmctld; for n in $ALL_NODES; do stop_one "$n" & done; wait; stop_one slurmdbd
	fi
	start_one munged
	if [ $ACCOUNTING = 1 ]; then
		start_one mariadbd
		start_one slurmdbd
		accounting || die "accounting set-up (see $LOG/accounting.log)"
	fi
	start_one slurmctld
	for n in $ALL_NODES; do alive "$n" >/dev/null || { start_one "$n" & }; done; wait
	[ $ACCOUNTING = 0 ] || gres_limits || die "gres limits (see $LOG/accounting.log)"
	if ! wait_for 3 nodes all_usable; then       # e.g. a node left down or drained by an earlier test
		for n in $(sinfo -h -N -o '%N %T' | awk '$2 !~ /^(idle|mixed|allocated|completing|planned|reserved)$/ {print $1}' | sort -u); do
			scontrol update NodeName="$n" State=RESUME 2>/dev/null
		done
		wait_for 30 "all nodes usable" all_usable || { sinfo -N -l >&2; exit 1; }
	fi
	say "$(sinfo -V): up, $(usable_nodes) nodes usable, $(awk "BEGIN{printf \"%.1f\", $(now)-$t0}") s"
}
cmd_down() {
	local t0 n i p; t0=$(now)
	if alive slurmctld >/dev/null && [ -n "$(squeue -h -o %i 2>/dev/null | head -1)" ]; then
		# pending first, so that nothing new starts; then the rest at once, by SIGKILL
		timeout 60 scancel -t PENDING 2>/dev/null
		for p in RUNNING SUSPENDED; do       # -t takes one state only
			timeout 30 scancel --signal=KILL --full -t $p 2>/dev/null
			timeout 30 scancel -t $p 2>/dev/null
		done
		for ((i=0; i<300; i++)); do [ -z "$(squeue -h -o %i 2>/dev/null | head -1)" ] && break; sleep 0.1; done
	fi
	stop_one slurmctld
	for n in $ALL_NODES; do stop_one "$n" & done; wait
	for p in $(stepds); do kill -KILL $(tree "$p") 2>/dev/null; done     # step daemons outlive their slurmd
	for n in $ALL_NODES; do
		[ -d "/sys/fs/cgroup/memory/slurm_$n" ] && find "/sys/fs/cgroup/memory/slurm_$n" -depth -type d -exec rmdir {} + 2>/dev/null
	done
	stop_one slurmdbd
	stop_one mariadbd
	[ $ACCOUNTING = 0 ] || stop_one munged      # the other cluster's
	say "down, $(awk "BEGIN{printf \"%.1f\", $(now)-$t0}") s"
}
cmd_purge() { cmd_down; case $LAB in /*/*) rm -rf "$LAB";; *) die "will not delete LAB=$LAB";; esac; }
cmd_forget() { stop_one slurmctld; rm -f "$LAB"/state/job_state*; rm -rf "$LAB"/state/hash.*; start_one slurmctld; }
cmd_status() {
	local d p bad=0
	for d in $DAEMONS $ALL_NODES; do
		if p=$(alive "$d"); then printf '%-10s running  pid %s\n' "$d" "$p"; else printf '%-10s stopped\n' "$d"; bad=1; fi
	done
	if use_cgroup; then echo "memory limits: cgroup v1 (OUT_OF_MEMORY)"; else echo "memory limits: polled (FAILED 0:9)"; fi
	if alive slurmctld >/dev/null; then sinfo -o '%9P %5a %10l %6D %10T %N'; all_usable || bad=1; fi
	return $bad
}

cmd_as() {
	local u=$1; shift
	exec runuser -u "$u" -- env -i HOME="/home/$u" USER="$u" LOGNAME="$u" ${SLURM_CONF:+SLURM_CONF="$SLURM_CONF"} PATH="${AS_PATH:-/usr/bin:/bin:/usr/sbin}" \
		SHELL=/bin/bash LC_ALL=C.UTF-8 SCRATCH="$SCRATCH/$u" bash -c "cd $SCRATCH/$u && $*"
}

# ---------------------------------------------------------------- another suite, in a folder
mirror() {   # the machine's own Debian mirror, from its apt sources (both formats)
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
		awk '/^URIs:/ {print $2} /^deb / {for (i=2; i<=NF; i++) if ($i ~ /^https?:/) {print $i; break}}' | grep -E '/debian/?$' | head -1
}
make_root() {   # SUITE ROOT
	local url m
	if [ ! -e "$2/.complete" ]; then
		url=$(mirror); [ -n "$url" ] || die "no Debian mirror in the apt sources"
		command -v debootstrap >/dev/null ||
			{ apt-get -q -o DPkg::Lock::Timeout=300 update && DEBIAN_FRONTEND=noninteractive \
				apt-get -q -o DPkg::Lock::Timeout=300 -y install --no-install-recommends debootstrap; } >/tmp/expflow-lab-apt.log 2>&1 ||
			{ tail -20 /tmp/expflow-lab-apt.log >&2; die "cannot install debootstrap"; }
		mkdir -p "$(dirname "$2")"
		debootstrap --variant=minbase --include=ca-certificates,iproute2,procps,hostname,git "$1" "$2" "$url" >/tmp/expflow-lab-debootstrap.log 2>&1 ||
			{ tail -5 /tmp/expflow-lab-debootstrap.log >&2; die "debootstrap $1"; }
		echo "deb $url $1 main" >"$2/etc/apt/sources.list"
		touch "$2/.complete"
	fi
	cp /etc/hosts /etc/resolv.conf "$2/etc/"
	cp -n /etc/apt/apt.conf.d/*proxy* "$2/etc/apt/apt.conf.d/" 2>/dev/null
	mkdir -p "$SCRATCH" "$2$SCRATCH"      # files of users are seen on both sides
	for m in proc sys dev "${SCRATCH#/}"; do
		mountpoint -q "$2/$m" || { mount --rbind "/$m" "$2/$m" && mount --make-rslave "$2/$m"; }
	done
	install -D -m 755 "$0" "$2/tmp/expflow-lab/cluster.sh"
}
unmount_root() { local m; for m in proc sys dev "${SCRATCH#/}"; do mountpoint -q "$1/$m" && umount -R -l "$1/$m"; done; true; }
in_suite() {   # SUITE COMMAND...
	local root="${SUITE_ROOT:-/tmp/expflow-lab/$1}" suite=$1 rc; shift
	case $1 in down|purge|destroy) [ -e "$root/.complete" ] || exit 0;; esac
	make_root "$suite" "$root"
	local inside="chroot $root /usr/bin/env PORT_BASE=${PORT_BASE_SUITE:-28000} /tmp/expflow-lab/cluster.sh"
	case $1 in
		down|purge) $inside "$1"; rc=$?; unmount_root "$root"; exit $rc;;
		destroy)
			$inside down; unmount_root "$root"
			grep -q " $root/" /proc/mounts && die "still mounted: $root"
			rm -rf --one-file-system "$root"; exit 0;;
		root) echo "$root"; exit 0;;
	esac
	exec $inside "$@"
}
if [ "${1:-}" = --suite ]; then shift; in_suite "$@"; fi

choose_ports keep
case ${1:-} in
	as) shift; cmd_as "$@";;
	up) cmd_up;;
	install) [ "$(id -u)" = 0 ] || die "must be root"; install_packages;;
	down) cmd_down;;
	purge) cmd_purge;;
	status) cmd_status;;
	start) start_one "${2:?daemon}";;
	stop) stop_one "${2:?daemon}";;
	crash) cmd_crash "${2:?node}";;
	forget) cmd_forget;;
	kill) stop_one "${2:?daemon}" KILL;;
	nodes) echo $ALL_NODES;;
	conf) echo "$ETC/slurm.conf";;
	*) sed -n '2,21s/^# \{0,1\}//p' "$0"; exit 2;;
esac

/**
 * Trains an epoch a second, and writes the number of each into a checkpoint and into `trained`; at
 * the warning it ends after the epoch it is in.
 */
export const TRAINER = `import argparse, os, signal, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.add_argument("--resume_from")
parser.add_argument("--seed")
args = parser.parse_args()
warned = []
signal.signal(signal.SIGUSR1, lambda *_: warned.append(1))
out = os.environ["EXPFLOW_RUN_DIR"]
os.makedirs(f"{out}/ckpt", exist_ok=True)
done = int(open(args.resume_from).read()) if args.resume_from else 0
for epoch in range(done + 1, args.epochs + 1):
    time.sleep(float(os.environ.get("EPOCH_SECONDS", "0.5")))
    with open(f"{out}/ckpt/epoch={epoch}.ckpt.tmp", "w") as file:
        file.write(str(epoch))
    os.replace(f"{out}/ckpt/epoch={epoch}.ckpt.tmp", f"{out}/ckpt/epoch={epoch}.ckpt")
    print(epoch, file=open(f"{out}/trained", "a"))
    if warned and epoch < args.epochs:
        sys.exit(3)
`;

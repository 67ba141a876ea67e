/**
 * A manager of one's own: decides in code how `train` and `eval` run and what the results are. It is
 * a command line as well:
 *
 *     deno run -A my_manager.ts new exp001
 *     deno run -A my_manager.ts submit exp001 --wait
 *     deno run -A my_manager.ts harvest exp001
 *     deno run -A my_manager.ts export results.csv
 */
import {
  ExperimentManager,
  type HarvestContext,
  type HarvestedMetrics,
  runManagerCli,
  type StageContext,
} from "../mod.ts";

class MyManager extends ExperimentManager {
  override trainScript({ experiment }: StageContext): string {
    const epochs = experiment.params.epochs ?? 3;
    return `
      for ((epoch = 1; epoch <= ${Number(epochs)}; epoch++)); do
        echo "training $epoch with lr" {params.lr}
        echo "$epoch" > {run.dir}/last.ckpt
      done`;
  }

  override evalScript(): string {
    return `echo "{\\"epochs\\": $(< {run.dir}/last.ckpt)}" > {run.dir}/result.json`;
  }

  override harvestResults(context: HarvestContext): HarvestedMetrics {
    const { epochs } = context.read().metrics;
    return { epochs: epochs?.last ?? null, lr_was_small: Number(context.params.lr) < 0.5 };
  }
}

if (import.meta.main) Deno.exit(await runManagerCli(MyManager));

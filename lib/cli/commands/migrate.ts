import type { Command } from "@commander-js/extra-typings";
import { migrateSlurmScript } from "../../manager/migrate.ts";
import { openForCommand, userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellMigration } from "../tell_migration.ts";

/** `expflow migrate script FILE` */
export function define(command: Command, ports: CommandPorts): void {
  command.command("script")
    .description("read a batch script, and write a template and an experiment that do the same")
    .argument("<file>", "a script that you give to sbatch")
    .argument("[arguments...]", "what you give sbatch behind the script")
    .option("--id <id>", "of the experiment, and name of the template (default: the file's name)")
    .option("--workdir <dir>", "where you call sbatch (default: the script's folder)")
    .option("--loops", "make the loop at the end of the script a sweep")
    .option("--output <dir>", "folder for the two files, in the place of the project's")
    .option("--dry-run", "show what would be written, and write nothing")
    .action(async (file, args, { id, workdir, loops, output, dryRun = false }) => {
      const project = await openForCommand(ports);
      const migrated = await migrateSlurmScript(project, {
        path: userPath(ports, file),
        id,
        workdir: workdir === undefined ? undefined : userPath(ports, workdir),
        loops,
        args,
        output: output === undefined ? undefined : userPath(ports, output),
        dryRun,
      });
      tellMigration(ports, migrated, dryRun);
    });
}

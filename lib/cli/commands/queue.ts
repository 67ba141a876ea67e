import type { Command } from "@commander-js/extra-typings";
import { defineAdd } from "../queue/add.ts";
import { defineBoost } from "../queue/boost.ts";
import { defineHold } from "../queue/hold.ts";
import { defineInit } from "../queue/init.ts";
import { defineKill } from "../queue/kill.ts";
import { defineList } from "../queue/list.ts";
import { defineRecover } from "../queue/recover.ts";
import { defineRelease } from "../queue/release.ts";
import { defineShow } from "../queue/show.ts";
import { defineStatus } from "../queue/status.ts";
import { defineSweep } from "../queue/sweep.ts";
import { defineValidate } from "../queue/validate.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow queue init|add|sweep|list|show|status|boost|hold|release|kill|recover|validate` */
export function define(command: Command, ports: CommandPorts): void {
  defineInit(command.command("init"), ports);
  defineAdd(command.command("add"), ports);
  defineSweep(command.command("sweep"), ports);
  defineList(command.command("list"), ports);
  defineShow(command.command("show"), ports);
  defineStatus(command.command("status"), ports);
  defineBoost(command.command("boost"), ports);
  defineHold(command.command("hold"), ports);
  defineRelease(command.command("release"), ports);
  defineKill(command.command("kill"), ports);
  defineRecover(command.command("recover"), ports);
  defineValidate(command.command("validate"), ports);
}

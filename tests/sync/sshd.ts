import { join } from "node:path";

const SSHD = "/usr/sbin/sshd";

function run(...[program, ...args]: [string, ...string[]]): Deno.CommandOutput {
  return new Deno.Command(program, { args }).outputSync();
}

/** What is missing for a real sshd; empty when nothing is. */
export function missingForSsh(): string[] {
  const there = (words: [string, ...string[]]) => {
    try {
      return run(...words).success;
    } catch {
      return false;
    }
  };
  const wanted: [string, [string, ...string[]]][] = [
    ["openssh-server", ["test", "-x", SSHD]],
    ["openssh-client", ["sh", "-c", "command -v ssh ssh-keygen"]],
    ["rsync", ["rsync", "--version"]],
  ];
  return wanted.filter(([, words]) => !there(words)).map(([name]) => name);
}

/** An sshd on a free port of this machine, with keys of its own, and an `ssh` that knows the way. */
export class Sshd implements AsyncDisposable {
  readonly port = freePort();
  /** Holds an `ssh` to be put in front of PATH. */
  readonly bin: string;
  readonly #folder: string;
  #server?: Deno.ChildProcess;

  constructor(root: string) {
    this.#folder = join(root, "sshd");
    this.bin = join(root, "sshd", "bin");
    Deno.mkdirSync(this.bin, { recursive: true });
    for (const name of ["host", "user", "stranger"]) {
      run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(this.#folder, name));
    }
    Deno.copyFileSync(join(this.#folder, "user.pub"), join(this.#folder, "authorized"));
    Deno.writeTextFileSync(join(this.#folder, "sshd_config"), this.#settings());
    this.#client("user");
    const ssh = join(this.bin, "ssh");
    Deno.writeTextFileSync(ssh, `#!/bin/sh\nexec /usr/bin/ssh -F ${this.#folder}/config "$@"\n`);
    Deno.chmodSync(ssh, 0o755);
  }

  #settings(): string {
    return [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${this.#folder}/host`,
      `AuthorizedKeysFile ${this.#folder}/authorized`,
      `PidFile ${this.#folder}/pid`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "",
    ].join("\n");
  }

  #client(key: string): void {
    const host = Deno.readTextFileSync(join(this.#folder, "host.pub"));
    Deno.writeTextFileSync(join(this.#folder, "known"), `[127.0.0.1]:${this.port} ${host}`);
    const lines = [
      "Host archive",
      "  HostName 127.0.0.1",
      `  Port ${this.port}`,
      `  IdentityFile ${this.#folder}/${key}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${this.#folder}/known`,
      "",
    ];
    Deno.writeTextFileSync(join(this.#folder, "config"), lines.join("\n"));
  }

  /** From now on ssh shows a key that the server does not know. */
  asStranger(stranger: boolean): void {
    this.#client(stranger ? "stranger" : "user");
  }

  async start(): Promise<void> {
    Deno.mkdirSync("/run/sshd", { recursive: true });
    this.#server = new Deno.Command(SSHD, {
      args: ["-D", "-f", join(this.#folder, "sshd_config"), "-E", join(this.#folder, "log")],
      stdin: "null",
    }).spawn();
    for (let tries = 0; tries < 600; tries++) {
      try {
        (await Deno.connect({ port: this.port, hostname: "127.0.0.1" })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error(`sshd did not start: ${Deno.readTextFileSync(join(this.#folder, "log"))}`);
  }

  async stop(): Promise<void> {
    this.#server?.kill("SIGTERM");
    await this.#server?.status;
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return (listener.addr as Deno.NetAddr).port;
}

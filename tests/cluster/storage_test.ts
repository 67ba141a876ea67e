import { deepEqual, equal } from "node:assert/strict";
import { detectEnvironment } from "../../lib/cluster/detect.ts";
import { parseDf, parseMyquota, parseQuota } from "../../lib/cluster/probes/quota.ts";
import { machine } from "./machine.ts";

const GIB = 2 ** 30;

// New York University's documented table (services.rc-docs, "myquota")
const MYQUOTA = `Hostname: log-1 at Thu Oct 23 10:50:30 2026

Filesystem   Environment   Backed up?   Allocation       Current Usage
Space        Variable      /Flushed?    Space / Files    Space(%) / Files(%)

/home        $HOME         Yes/No       50.0GB/30.0K       8.96GB(17.91%)/33000(110.00%)
/scratch     $SCRATCH      No/Yes        5.0TB/1.0M      811.09GB(15.84%)/2437(0.24%)
`;

Deno.test("parseMyquota() reads quotas, and which places are flushed", () => {
  const [home, scratch] = parseMyquota(MYQUOTA)!;
  deepEqual([home!.limit, home!.files, home!.filesLimit, home!.purged], [
    50 * GIB,
    33000,
    30000,
    undefined,
  ]);
  deepEqual([scratch!.used, scratch!.filesLimit, scratch!.purged], [
    Math.round(811.09 * GIB),
    1_000_000,
    true,
  ]);
  equal(parseMyquota("You have no quota, dear user\n"), undefined);
});

// documented forms: lfs-quota(1), quota(1) with -w -p
Deno.test("parseQuota() reads quota and lfs quota", async (t) => {
  const table: [string, string, unknown[] | undefined][] = [
    [
      "lfs",
      `Disk quotas for usr alice (uid 1000):
      Filesystem  kbytes   quota   limit   grace   files   quota   limit   grace
        /scratch 2097152  1048576 4194304       -    1000       0   20000       -
`,
      [["/scratch", 2 * GIB, 4 * GIB, 1000, 20000]],
    ],
    [
      "lfs, a long name on a line of its own, over its limit",
      `Disk quotas for usr alice (uid 1000):
     Filesystem  kbytes   quota   limit   grace   files   quota   limit   grace
/global/scratch/users
                1048576* 1048576 1048576 6d23h  999999* 1000 1000000       -
uid 1000 is using default block quota setting
`,
      [["/global/scratch/users", GIB, GIB, 999999, 1000000]],
    ],
    [
      "quota",
      `Disk quotas for user alice (uid 1000):
Filesystem  blocks   quota   limit   grace   files   quota   limit   grace
nfs1:/home  524288  1048576       0       0    7000       0       0       0
`,
      [["nfs1:/home", GIB / 2, GIB, 7000, undefined]],
    ],
    ["no quota", "Disk quotas for user alice (uid 1000): none\n", []],
    ["nothing", "", undefined],
    ["half a row", "Disk quotas for usr alice (uid 1000):\n  /scratch 2097152 10", undefined],
  ];
  for (const [name, text, rows] of table) {
    await t.step(name, () => {
      const read = parseQuota(text, "quota")?.map(({ path, used, limit, files, filesLimit }) => [
        path,
        used,
        limit,
        files,
        filesLimit,
      ]);
      deepEqual(read, rows);
    });
  }
});

Deno.test("parseDf() reads blocks and inodes, and names with spaces", () => {
  const head = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";
  deepEqual(parseDf(`${head}10.0.0.1:/a 2048 1024 1024 50% /mnt/my data\n`, "blocks"), [
    { path: "/mnt/my data", used: 2 ** 20, limit: 2 ** 21, source: "df" },
  ]);
  // btrfs and some network file systems count no inodes
  deepEqual(parseDf("Filesystem Inodes IUsed IFree IUse% Mounted on\nb 0 0 0 - /\n", "inodes"), []);
  equal(parseDf("", "blocks"), undefined);
});

Deno.test("each place once a source, with bytes and files together; full ones warn", async () => {
  const programs = {
    myquota: { stdout: MYQUOTA },
    df: ({ argv }: { argv: string[] }) => ({
      stdout: argv[1] === "-Pi"
        ? "Filesystem Inodes IUsed IFree IUse% Mounted on\na 100 5 95 5% /\na 100 5 95 5% /\n"
        : "Filesystem 1024-blocks Used Available Capacity Mounted on\na 100 95 5 95% /\n",
    }),
  };
  const env = { HOME: "/home/a", USER: "a", SCRATCH: "/scratch/a" };
  const { storage, warnings } = await detectEnvironment(
    machine({ env, programs, folders: ["/scratch/a"] }),
  );
  deepEqual(storage.value!.map(({ path, source }) => `${path} ${source}`), [
    "/home myquota",
    "/scratch myquota",
    "/ df",
  ]);
  deepEqual(warnings, [
    "/home is 110 % full (myquota)",
    "/ is 95 % full (df)",
    "/scratch is purged: what is not used for a while is removed (myquota)",
  ]);
});

import type { Rule } from "../rule.ts";

/** What a program reads. */
export const DATA: readonly Rule[] = [
  {
    id: "missing-file",
    class: "data",
    title: "a file that it reads is not there",
    remedy:
      "check the path it names, from the node: is that disk mounted there, is it in the snapshot?",
    signs: [
      { log: /\bFileNotFoundError: /, certain: true },
      { log: /\bNotADirectoryError: |\bIsADirectoryError: /, certain: true },
      { log: /\bcannot (?:access|open|stat) .*: No such file or directory$/, certain: true },
      {
        log: /^(?:cat|head|tail|tar|cp|mv|gzip|unzip): .*: No such file or directory$/,
        certain: true,
      },
      { log: /: No such file or directory$/, not: /can't open file|shared object|^(?:bash|sh): /i },
    ],
  },
  {
    id: "corrupt-file",
    class: "data",
    title: "a file that it reads is damaged, or of another format",
    remedy: "make the file again; a checkpoint may be half-written: start from the one before",
    signs: [
      { log: /PytorchStreamReader failed (?:reading|finding)/, certain: true },
      { log: /\b_pickle\.UnpicklingError\b|\bEOFError: Ran out of input/, certain: true },
      {
        log:
          /\b(?:zipfile\.BadZipFile|PIL\.UnidentifiedImageError|json\.decoder\.JSONDecodeError)\b/,
        certain: true,
      },
    ],
  },
];

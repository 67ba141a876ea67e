import type { Rule } from "../rule.ts";

/** What should be installed, or was built for another machine. */
export const SOFTWARE: readonly Rule[] = [
  {
    id: "python-import",
    class: "software",
    title: "a Python module could not be imported",
    remedy:
      "check `environment:` (conda, venv, uv, modules): is it the one the module is installed in?",
    signs: [
      { log: /^(?:\[rank\d+\]: ?)?ModuleNotFoundError: No module named /, certain: true },
      { log: /^(?:\[rank\d+\]: ?)?ImportError: /, certain: true },
      { log: /: No module named \S+$/, not: /ModuleNotFoundError|optional|warn/i },
    ],
  },
  {
    id: "shared-library",
    class: "software",
    title: "a library was not found, or is of another version",
    remedy: "load the modules that the program was built with",
    signs: [
      { log: /error while loading shared libraries: /, certain: true },
      { log: /version `(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+' not found/, certain: true },
      { log: /cannot open shared object file: No such file or directory/, not: /warn/i },
    ],
  },
  {
    id: "environment-module",
    class: "software",
    title: "an environment module was not found",
    remedy: "`module spider NAME` tells which there are; correct `environment.modules`",
    signs: [
      { log: /The following module\(s\) are unknown:/, certain: true },
      { log: /Unable to locate a modulefile for '/, certain: true },
    ],
  },
  {
    id: "container-image",
    class: "software",
    title: "the container could not be started",
    remedy: "check `environment.container`: path of the image, overlays and binds",
    signs: [
      // apptainer/singularity: FATAL:   could not open image /x.sif: …: no such file or directory
      {
        log: /^FATAL:\s+(?:could not open image|.*image.*(?:not found|no such file))/i,
        certain: true,
      },
      {
        log:
          /^FATAL:\s+(?:container creation failed|While (?:checking|making) (?:container|image))/i,
        certain: true,
      },
      { log: /^FATAL:\s+Unable to (?:handle docker:|pull )/i, certain: true },
    ],
  },
  {
    id: "missing-script",
    class: "software",
    title: "the program's file is not there",
    remedy:
      "check `command:` and `workdir:`; a file that git ignores is not in the code's snapshot",
    signs: [
      // python3: can't open file '/x/train.py': [Errno 2] No such file or directory
      { log: /: can't open file '.*': \[Errno 2\] No such file or directory/, certain: true },
      { log: /^(?:bash|sh): .*: No such file or directory$/, certain: true },
    ],
  },
  {
    id: "command-not-found",
    class: "software",
    title: "a command was not found",
    remedy:
      "check the spelling in `command:`, and `environment:`: jobs do not see your login shell",
    signs: [
      { log: /: (?:line \d+: )?[^:]+: command not found$/, certain: true },
      { exitCodes: [127] },
    ],
  },
  {
    id: "not-executable",
    class: "permission",
    title: "a command may not be executed",
    remedy: "chmod +x it, or start it with its interpreter (python3 train.py)",
    signs: [
      {
        log:
          /^\S+: (?:line \d+: )?[^:]+: (?:cannot execute(?: binary file)?(?:: .*)?|Is a directory)$/,
        certain: true,
      },
      { exitCodes: [126] },
    ],
  },
  {
    id: "illegal-instruction",
    class: "illegal_instruction",
    title: "the program uses instructions that this node's CPU does not have",
    remedy:
      "build it on the oldest kind of node, or ask for the newer kind with `resources.constraint`",
    signs: [
      { log: /\bIllegal instruction\b/, certain: true },
      { exitCodes: [132], certain: true },
    ],
  },
  {
    id: "segfault",
    class: "segfault",
    title: "the program crashed (segmentation fault)",
    remedy: "PYTHONFAULTHANDLER=1 says where; often a library of the wrong version",
    signs: [
      { log: /\bSegmentation fault\b/, certain: true },
      { log: /\bProcess received signal 11\b|\bSIGSEGV\b/ },
      { exitCodes: [139], certain: true },
      { log: /\bBus error\b/, not: /DataLoader/ },
      { exitCodes: [135] },
    ],
  },
  {
    id: "setup",
    class: "setup",
    title: "its script could not prepare what the experiment asks for",
    remedy: "its own words say what is missing",
    signs: [
      { exitCodes: [78], log: /^expflow: (?!job |run |continues|signal)/, certain: true },
      { reason: /the table of values is not the one that was submitted/, certain: true },
    ],
  },
];

import type { Rule } from "../rule.ts";

// Texts of strerror(3) of ENOSPC, EDQUOT, EROFS, EACCES, ESTALE, EIO, and of Lustre.

/** Disks and permissions. */
export const STORAGE: readonly Rule[] = [
  {
    id: "quota",
    class: "storage",
    title: "a disk quota is used up",
    remedy: "free space or files there (`expflow info` shows quotas), then run it again",
    signs: [{ log: /\bDisk quota exceeded\b/i, certain: true }],
  },
  {
    id: "disk-full",
    class: "storage",
    title: "a disk is full",
    remedy: "free space there; /tmp of a node is small: write to scratch",
    signs: [
      { log: /\bNo space left on device\b/, certain: true },
      { log: /PytorchStreamWriter failed writing file/ },
    ],
  },
  {
    id: "storage-error",
    class: "storage",
    title: "the file system failed",
    remedy: "run it again; tell the site's staff when it goes on",
    signs: [
      { log: /\b(?:OSError: \[Errno 5\] )?Input\/output error\b/ },
      { log: /\bStale file handle\b|\bTransport endpoint is not connected\b/, certain: true },
      { log: /\bRead-only file system\b/, certain: true },
      {
        log: /expflow: Cannot write .*: disk full, quota used up, or no permission/,
        certain: true,
      },
      { exitCodes: [74] },
    ],
  },
  {
    id: "permission",
    class: "permission",
    title: "it had no permission for a file",
    remedy: "check who owns the file it names, and its permissions",
    signs: [
      { log: /\bPermissionError: \[Errno 13\]/, certain: true },
      { log: /: Permission denied$/, not: /publickey|\bssh\b/i, certain: true },
    ],
  },
];

import type { Rule } from "../rule.ts";

// Texts of PyTorch's ProcessGroupNCCL.cpp, TCPStore.cpp and torchelastic, of NCCL's debug output, of
// Open MPI and Gloo, and of requests/urllib3.

/** Processes that cannot reach each other, or the world. */
export const NETWORK: readonly Rule[] = [
  {
    id: "nccl",
    class: "network",
    title: "GPUs could not talk to each other (NCCL)",
    remedy:
      "look for the rank that ended first; NCCL_DEBUG=INFO says more; exclude the node if it is always the same",
    signs: [
      {
        log:
          /\bncclInternalError\b|\bncclSystemError\b|\bncclRemoteError\b|\bncclUnhandledCudaError\b/,
        certain: true,
      },
      { log: /\bNCCL error in: /, certain: true },
      { log: /Watchdog caught collective operation timeout/, certain: true },
      {
        log:
          /\bNCCL WARN (?:Call to (?:connect|ibv_\w+) .*failed|NET\/IB : Got completion .*error)/,
      },
    ],
  },
  {
    id: "rendezvous",
    class: "network",
    title: "the processes of the job did not find each other (rendezvous)",
    remedy: "check that all nodes started, MASTER_ADDR and the port: another job may use it",
    signs: [
      { log: /\bRendezvous(?:Timeout|Connection|Closed)Error\b/, certain: true },
      {
        log: /The (?:client socket has (?:failed|timed out)|server socket has failed to listen)/,
        certain: true,
      },
      { log: /\bDistStoreError: /, certain: true },
      { log: /\bDistNetworkError: /, certain: true },
      { log: /\bEADDRINUSE\b|Address already in use/, certain: true },
      { log: /\[[^\]]*gloo[^\]]*\] .*(?:Connection (?:closed|reset) by peer|Connect timeout)/i },
    ],
  },
  {
    id: "no-internet",
    class: "network",
    title: "a host could not be reached from the node",
    remedy:
      "compute nodes often have no internet: download first, or set HF_HUB_OFFLINE=1 and the like",
    signs: [
      { log: /Temporary failure in name resolution|Name or service not known/, certain: true },
      { log: /\bMax retries exceeded with url\b/ },
      { log: /\b(?:Network is unreachable|No route to host)\b/ },
      { log: /\bOSError: We couldn't connect to 'https:\/\/huggingface\.co'/, certain: true },
    ],
  },
];

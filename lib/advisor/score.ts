/** One reason for a score. */
export interface ScoreTerm {
  /** What is judged. */
  name: "start" | "limits" | "not preempted" | "single node" | "whole nodes" | "cost" | "fairshare";
  /** Share of the score; all of them add up to 1. */
  weight: number;
  /** 0 (bad) to 1 (good); `null` where it is not known, and counts as the middle. */
  value: number | null;
  /** What it is from. */
  why: string;
}

/** What a candidate is judged by. */
export interface Merits {
  /** Seconds until it would start; absent where nobody knows. */
  wait?: number;
  /** How many limits would hold it; absent where they are not known. */
  holds?: number;
  nodes: number;
  /** Whether it takes all GPUs (without any, all CPUs) of its nodes. */
  whole: boolean;
  /** Whether other jobs may take its nodes; absent where not known. */
  mayBePreempted?: boolean;
  /** This cost as a multiple of the cheapest candidate's, 1 or more; absent where not known. */
  relativeCost?: number;
  /** 0 to 1. */
  fairshare?: number;
}

/** A wait of so many seconds is worth half of none. */
export const HALF_WORTH_SECONDS = 3600;
const UNKNOWN = 0.5;

/** The terms of the score, each with what it is from. Their weights add up to 1. */
export function scoreTerms(merits: Merits): ScoreTerm[] {
  const { wait, holds, nodes, whole, mayBePreempted, relativeCost, fairshare } = merits;
  return [
    {
      name: "start",
      weight: 0.45,
      value: wait === undefined ? null : HALF_WORTH_SECONDS / (HALF_WORTH_SECONDS + wait),
      why: wait === undefined ? "not known" : `in about ${Math.round(wait)} s`,
    },
    {
      name: "limits",
      weight: 0.15,
      value: holds === undefined ? null : holds === 0 ? 1 : 0,
      why: holds === undefined ? "not known" : holds === 0 ? "none holds it" : `${holds} hold it`,
    },
    {
      name: "not preempted",
      weight: 0.1,
      value: mayBePreempted === undefined ? null : mayBePreempted ? 0 : 1,
      why: mayBePreempted === undefined
        ? "not known"
        : mayBePreempted
        ? "others may take its nodes"
        : "it keeps its nodes",
    },
    { name: "single node", weight: 0.1, value: 1 / nodes, why: `${nodes} of them` },
    {
      name: "whole nodes",
      weight: 0.05,
      value: whole ? 1 : 0,
      why: whole ? "shared with nobody" : "shared with others",
    },
    {
      name: "cost",
      weight: 0.1,
      value: relativeCost === undefined ? null : 1 / relativeCost,
      why: relativeCost === undefined
        ? "not known"
        : `${relativeCost.toFixed(1)} × the cheapest candidate`,
    },
    {
      name: "fairshare",
      weight: 0.05,
      value: fairshare ?? null,
      why: fairshare === undefined ? "not known" : `factor ${fairshare}`,
    },
  ];
}

/** 0 to 1, rounded to a thousandth: the weighted sum of the terms. */
export function scoreOf(terms: readonly ScoreTerm[]): number {
  const sum = terms.reduce((all, { weight, value }) => all + weight * (value ?? UNKNOWN), 0);
  return Math.round(sum * 1000) / 1000;
}

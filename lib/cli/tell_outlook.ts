import type { Eta, Outlook, Throughput } from "../submission/outlook.ts";
import { tellWait } from "./tell_advice.ts";

/** A rate over less is no rate. */
const FEWEST_SECONDS = 60;

/** `12 runs/h over the last 60 min; 40 min left, from 34 completed runs, …`; nothing before a start. */
export function outlookText({ throughput, eta }: Outlook): string {
  const told = [
    ...throughput && eta && throughput.seconds >= FEWEST_SECONDS
      ? [throughputText(throughput)]
      : [],
    ...eta ? [etaText(eta)] : [],
  ];
  return told.length > 0 ? `${told.join("; ")}\n` : "";
}

function throughputText({ perHour, seconds }: Throughput): string {
  const rate = perHour >= 10 ? perHour.toFixed(0) : perHour.toFixed(1);
  return `${rate} runs/h over the last ${span(seconds)}`;
}

function etaText(eta: Eta): string {
  if ("unknown" in eta) return `time left: unknown, as ${eta.unknown}`;
  const { seconds, completed, medianSeconds, atOnce } = eta;
  const runs = completed === 1 ? "1 completed run" : `${completed} completed runs`;
  return `time left: ${span(seconds)}, from ${runs}, median ${span(medianSeconds)}, ` +
    `${atOnce} at once`;
}

/** `12 s`, `5 min`, `1.2 h`. */
export function span(seconds: number): string {
  return seconds < 60 ? `${Math.round(seconds)} s` : tellWait(seconds);
}

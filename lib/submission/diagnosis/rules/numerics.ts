import type { Rule } from "../rule.ts";

/** Numbers that are none. */
export const NUMERICS: readonly Rule[] = [
  {
    id: "nan-loss",
    class: "nan",
    title: "the loss became NaN or infinite",
    remedy: "a lower learning rate, gradient clipping, bf16 in the place of fp16; look at the data",
    signs: [
      // detectron2, MAE/ViT (FAIR): Loss is nan, stopping training
      { log: /\bloss is (?:nan|inf|infinite), stopping training\b/i, certain: true },
      // torch.autograd.set_detect_anomaly
      { log: /\bFunction '\w+' returned nan values in its \d+th output/, certain: true },
      // detectron2: FloatingPointError: Loss became infinite or NaN at iteration=…
      { log: /\bLoss became infinite or NaN\b/i, certain: true },
      // fairseq, apex: Minimum loss scale reached
      { log: /\bMinimum loss scale reached\b/, certain: true },
      { log: /\bNaN (?:or Inf )?(?:found|detected|encountered|loss)\b|\bloss\b.{0,20}\bis NaN\b/i },
      { log: /\b(?:\w+_)?loss["']?\s*[:=]\s*["']?[-+]?nan\b/i },
    ],
  },
];

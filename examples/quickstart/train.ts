/**
 * Trains a classifier of handwritten digits by mini-batch gradient descent.
 *
 *     deno run -A train.ts --model mlp --lr 0.1 --seed 0
 *
 * Models: `softmax` (one linear layer), `mlp` (one hidden layer of rectified linear units). Each
 * epoch adds a line to `metrics.jsonl` in the run's folder (`$EXPFLOW_RUN_DIR`, or here).
 */
import { parseArgs } from "node:util";

interface Digits {
  /** One image a row, 64 values from 0 to 1. */
  images: Float64Array[];
  labels: number[];
}

interface Layer {
  weights: Float64Array[];
  biases: Float64Array;
}

interface Scores {
  loss: number;
  accuracy: number;
}

const CLASSES = 10;
const PIXELS = 64;
const TRAINING = 1437;

function options() {
  const { values } = parseArgs({
    options: {
      model: { type: "string", default: "softmax" },
      lr: { type: "string", default: "0.1" },
      seed: { type: "string", default: "0" },
      epochs: { type: "string", default: "30" },
      batch: { type: "string", default: "32" },
      hidden: { type: "string", default: "32" },
    },
  });
  if (values.model !== "softmax" && values.model !== "mlp") {
    throw new Error(`--model is softmax or mlp, not ${values.model}`);
  }
  const number = (name: "lr" | "seed" | "epochs" | "batch" | "hidden"): number => {
    const value = Number(values[name]);
    if (!(value >= 0) || values[name] === "") throw new Error(`--${name}: ${values[name]}`);
    return value;
  };
  return {
    model: values.model,
    lr: number("lr"),
    seed: number("seed"),
    epochs: number("epochs"),
    batch: number("batch"),
    hidden: number("hidden"),
  };
}

/** Each line of the file: the digit, a space, and 64 pixels from 0 to 16 in base 17. */
function readDigits(): Digits {
  const lines = Deno.readTextFileSync(new URL("digits.txt", import.meta.url)).trim().split("\n");
  return {
    images: lines.map((line) =>
      Float64Array.from(line.slice(2), (pixel) => parseInt(pixel, 17) / 16)
    ),
    labels: lines.map((line) => Number(line[0])),
  };
}

/** Random numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function layer(inputs: number, outputs: number, random: () => number): Layer {
  const scale = 1 / Math.sqrt(inputs);
  const row = () => Float64Array.from({ length: inputs }, () => (2 * random() - 1) * scale);
  return { weights: Array.from({ length: outputs }, row), biases: new Float64Array(outputs) };
}

function forward({ weights, biases }: Layer, input: Float64Array): Float64Array {
  return biases.map((bias, unit) => {
    const row = weights[unit]!;
    let sum = bias;
    for (let i = 0; i < input.length; i++) sum += row[i]! * input[i]!;
    return sum;
  });
}

function softmax(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** The input and what each layer makes of it; the last one holds probabilities. */
function activations(layers: Layer[], image: Float64Array): Float64Array[] {
  const found = [image];
  layers.forEach((next, depth) => {
    const sums = forward(next, found[depth]!);
    found.push(depth === layers.length - 1 ? softmax(sums) : sums.map((sum) => Math.max(0, sum)));
  });
  return found;
}

/** Adds the gradient of one image's cross-entropy to `gradients`. */
function backward(layers: Layer[], gradients: Layer[], image: Float64Array, label: number): void {
  const values = activations(layers, image);
  let error = values[layers.length]!.map((p, digit) => p - (digit === label ? 1 : 0));
  for (let depth = layers.length - 1; depth >= 0; depth--) {
    const input = values[depth]!;
    const { weights } = layers[depth]!;
    const gradient = gradients[depth]!;
    const below = new Float64Array(input.length);
    error.forEach((delta, unit) => {
      const row = weights[unit]!;
      const sums = gradient.weights[unit]!;
      for (let i = 0; i < input.length; i++) {
        sums[i]! += delta * input[i]!;
        if (input[i]! > 0) below[i]! += delta * row[i]!;
      }
      gradient.biases[unit]! += delta;
    });
    error = below;
  }
}

/** Moves against the gradient, and clears it. */
function descend(layers: Layer[], gradients: Layer[], rate: number): void {
  const move = (values: Float64Array, slopes: Float64Array) => {
    for (let i = 0; i < values.length; i++) values[i]! -= rate * slopes[i]!;
    slopes.fill(0);
  };
  layers.forEach(({ weights, biases }, depth) => {
    weights.forEach((row, unit) => move(row, gradients[depth]!.weights[unit]!));
    move(biases, gradients[depth]!.biases);
  });
}

function evaluate(layers: Layer[], { images, labels }: Digits): Scores {
  let loss = 0;
  let right = 0;
  images.forEach((image, at) => {
    const probabilities = activations(layers, image)[layers.length]!;
    loss -= Math.log(Math.max(probabilities[labels[at]!]!, 1e-12));
    if (probabilities.indexOf(Math.max(...probabilities)) === labels[at]) right++;
  });
  return { loss: loss / images.length, accuracy: right / images.length };
}

function shuffle(order: number[], random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

const { model, lr, seed, epochs, batch, hidden } = options();
const digits = readDigits();
const part = (from: number, to?: number): Digits => ({
  images: digits.images.slice(from, to),
  labels: digits.labels.slice(from, to),
});
const training = part(0, TRAINING);
const validation = part(TRAINING);

const random = generator(seed);
const widths = model === "mlp" ? [PIXELS, hidden, CLASSES] : [PIXELS, CLASSES];
const layers = widths.slice(1).map((outputs, depth) => layer(widths[depth]!, outputs, random));
const gradients = widths.slice(1).map((outputs, depth) =>
  layer(widths[depth]!, outputs, () => 0.5)
);
const order = training.labels.map((_, at) => at);

const folder = Deno.env.get("EXPFLOW_RUN_DIR") ?? ".";
const metrics = Deno.openSync(`${folder}/metrics.jsonl`, {
  write: true,
  create: true,
  truncate: true,
});
for (let epoch = 1; epoch <= epochs; epoch++) {
  shuffle(order, random);
  for (let from = 0; from < order.length; from += batch) {
    const chosen = order.slice(from, from + batch);
    for (const at of chosen) {
      backward(layers, gradients, training.images[at]!, training.labels[at]!);
    }
    descend(layers, gradients, lr / chosen.length);
  }
  const train = evaluate(layers, training);
  const val = evaluate(layers, validation);
  const line = {
    epoch,
    train_loss: train.loss,
    train_accuracy: train.accuracy,
    val_loss: val.loss,
    val_accuracy: val.accuracy,
  };
  metrics.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  console.log(
    `epoch ${String(epoch).padStart(2)}/${epochs}  train loss ${train.loss.toFixed(4)}` +
      `  val loss ${val.loss.toFixed(4)}  val accuracy ${val.accuracy.toFixed(4)}`,
  );
}
metrics.close();

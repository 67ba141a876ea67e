const NAME = /(?:^|_)(?:TOKEN|KEY|APIKEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)$/;
const HARMLESS = /^(?:true|false|yes|no|on|off|\d{0,3})$/i;

const SHAPES = [
  /\bsk-(?:[a-z]+\d*-){0,2}[A-Za-z0-9_]{16,}/,
  /\bgh[pousr]_[A-Za-z0-9]{16,}/,
  /\bgithub_pat_[A-Za-z0-9_]{16,}/,
  /\bhf_[A-Za-z0-9]{16,}/,
  /\bglpat-[A-Za-z0-9_-]{16,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bAIza[0-9A-Za-z_-]{30,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
];

/** Whether a text holds something in the shape of a well-known kind of token. */
export function hasSecretShape(text: string): boolean {
  return SHAPES.some((shape) => shape.test(text));
}

/** Whether a variable is a secret, by its name (`HF_TOKEN`, `apiKey`) or by its value's shape. */
export function isSecret(name: string, value: string): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  return (NAME.test(words) && !HARMLESS.test(value)) || hasSecretShape(value);
}

/** No list of node names is longer: what asks for more is no hostlist. */
const MOST = 1_000_000;

/**
 * The names in a hostlist of Slurm's: `cpu[01-04,07],a[1-2]-ib,login`. Brackets that cannot be read
 * stay as they are, so that no node is lost.
 */
export function expandHostlist(text: string): string[] {
  return splitOutside(text.trim()).flatMap(expandOne);
}

/** Splits at the commas that are in no brackets. */
function splitOutside(text: string): string[] {
  return text.split(/,(?![^[]*\])/).map((part) => part.trim()).filter(Boolean);
}

function expandOne(word: string): string[] {
  const [whole, list] = /\[([\d,\s-]+)\]/.exec(word) ?? [];
  if (whole === undefined) return [word];
  const before = word.slice(0, word.indexOf(whole));
  const numbers = expandNumbers(list!);
  if (!numbers) return [word];
  const after = expandOne(word.slice(before.length + whole.length));
  if (numbers.length * after.length > MOST) return [word];
  return numbers.flatMap((number) => after.map((rest) => `${before}${number}${rest}`));
}

/** `01-04,07` → 01, 02, 03, 04, 07: as wide as the first is written. */
function expandNumbers(list: string): string[] | undefined {
  const numbers: string[] = [];
  for (const range of list.split(",")) {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range) ?? [];
    if (first === undefined) return undefined;
    const count = Number(last) - Number(first) + 1;
    if (count < 1 || numbers.length + count > MOST) return undefined;
    for (let i = 0; i < count; i++) {
      numbers.push(String(Number(first) + i).padStart(first.length, "0"));
    }
  }
  return numbers;
}

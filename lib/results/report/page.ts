import { escapeHtml } from "../export/html.ts";

/** Part of a page. */
export interface Section {
  /** For links within the page. */
  id: string;
  title: string;
  /** Elements; every value in it is escaped. */
  html: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --faint: #5a5a5a; --line: #c9c9c9; --shade: #f3f3f3; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #17181a; --faint: #aaa; --line: #4a4a4a; --shade: #222427; --link: #7db8f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.6rem; margin: 0 0 0.2rem; } h1, p, li, h3 { overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 0.6rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 0.4rem; }
nav { margin: 0.8rem 0; } nav a { margin-right: 1rem; } a { color: var(--link); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; border-block: 2px solid var(--ink); margin: 0.5rem 0; font-size: 14px; }
sup { line-height: 0; }
th, td { padding: 0.2rem 0.6rem; text-align: left; vertical-align: top; }
thead { border-bottom: 1px solid var(--ink); }
td:not(.value) { max-width: 22rem; overflow-wrap: break-word; }
.value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.facts th { font-weight: normal; color: var(--faint); white-space: nowrap; }
.facts { border-block: none; } .facts td:not(.value) { max-width: none; }
.notes, .faint { color: var(--faint); font-size: 13px; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 4px; display: block; }
pre { background: var(--shade); padding: 0.7rem; overflow-x: auto; font-size: 13px; line-height: 1.4; border-radius: 4px; }
code { overflow-wrap: anywhere; }
.failure { border-left: 4px solid #d55e00; padding-left: 0.8rem; margin: 0.8rem 0; } .failure p { margin: 0.2rem 0; }
@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; --shade: #f3f3f3; } nav { display: none; } body { max-width: none; padding: 0; font-size: 11px; } figure, tr, .failure { break-inside: avoid; } h2 { break-after: avoid; } .scroll, pre { overflow: visible; } pre { white-space: pre-wrap; } table { font-size: 9px; } th, td { padding: 0.1rem 0.3rem; } }
`;

/** A page that needs nothing beside it and runs no script: sections with links to each. */
export function reportPage(title: string, intro: string, sections: readonly Section[]): string {
  const links = sections.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    `<h1>${escapeHtml(title)}</h1>`,
    intro,
    `<nav>${links.join("")}</nav>`,
    ...sections.map(({ id, title, html }) =>
      `<section id="${id}">\n<h2>${escapeHtml(title)}</h2>\n${html}\n</section>`
    ),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** Names and values, one a line; what has no value is not there. */
export function factList(facts: readonly (readonly [string, string | undefined])[]): string {
  const rows = facts.filter(([, value]) => value !== undefined && value !== "").map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value!)}</td></tr>`,
  );
  return `<table class="facts"><tbody>${rows.join("")}</tbody></table>`;
}

/** A paragraph of plain text. */
export function paragraph(text: string, style = ""): string {
  return `<p${style === "" ? "" : ` class="${style}"`}>${escapeHtml(text)}</p>`;
}

/** Lines of plain text as a list, at most so many; empty without any. */
export function lineList(lines: readonly string[], most = 50): string {
  if (lines.length === 0) return "";
  const shown = lines.slice(0, most).map((line) => `<li>${escapeHtml(line)}</li>`);
  if (lines.length > most) shown.push(`<li>… and ${lines.length - most} more</li>`);
  return `<ul>${shown.join("")}</ul>`;
}

/** Text as it is, to be opened by the reader. */
export function folded(summary: string, text: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary><pre>${
    escapeHtml(text)
  }</pre></details>`;
}

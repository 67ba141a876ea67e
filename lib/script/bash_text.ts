/** Bash as a template: a backslash stays one, and `\${` is the `${` of bash. */
export function bash(strings: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw(strings, ...values).replaceAll("\\${", "${").trim();
}

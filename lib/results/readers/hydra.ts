import { inOrder, type Reader, type SourceFile } from "./reader.ts";
import type { Sink } from "../series.ts";
import { Problems } from "./problems.ts";
import { yamlMapping, yamlValues } from "./yaml_values.ts";

/** What Hydra says that a program ran with: `.hydra/config.yaml`, or only its overrides. */
export const hydraReader: Reader = {
  format: "hydra",
  usual: [{
    name: ".hydra/config.yaml",
    path: /(^|\/)\.hydra\/(config|overrides)\.yaml$/,
  }],
  series: false,
  gather(paths) {
    const { paths: sorted } = inOrder("", paths.filter((path) => path.endsWith("/config.yaml")));
    const newest = sorted.at(-1) ?? inOrder("", paths).paths.at(-1)!;
    return [{ name: newest, paths: [newest], prefix: "" }];
  },
  read(file, sink) {
    if (file.name.endsWith("overrides.yaml")) return readOverrides(file, sink);
    const found = yamlMapping(file.path);
    if ("problem" in found) return [`${file.name}: ${found.problem}`];
    sink.params?.(found.values);
    return [];
  },
};

/** `- lr=0.1`; what is taken away (`~lr`) is no parameter. */
function readOverrides(file: SourceFile, sink: Sink): string[] {
  const found = yamlValues(file.path);
  if ("problem" in found) return [`${file.name}: ${found.problem}`];
  if (!Array.isArray(found.value)) return [`${file.name}: holds no list`];
  const problems = new Problems(file.name);
  const params = new Map<string, unknown>();
  for (const override of found.value) {
    const parts = /^\+{0,2}([^~=][^=]*)=(.*)$/s.exec(String(override));
    if (parts) params.set(parts[1]!, parts[2]!);
    else if (!/^~./.test(String(override))) problems.add("an entry is no override: expected a=b");
  }
  sink.params?.(Object.fromEntries(params));
  return problems.list();
}

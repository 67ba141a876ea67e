import { jsonObject } from "./json.ts";
import { isObject } from "../scalars.ts";
import { inOrder, type Reader } from "./reader.ts";

/**
 * `trainer_state.json` of Hugging Face's Trainer: its log history, step by step. The one that was
 * saved at the end counts, or else that of the newest checkpoint.
 */
export const trainerReader: Reader = {
  format: "trainer",
  usual: [{ name: "trainer_state.json", path: /(^|\/)trainer_state\.json$/ }],
  series: true,
  gather(paths) {
    const final = paths.filter((path) => !/(^|\/)checkpoint-\d+\//.test(path));
    const { paths: sorted } = inOrder("", final.length > 0 ? final : paths);
    const newest = sorted.at(-1)!;
    return [{ name: newest, paths: [newest], prefix: "" }];
  },
  read(file, sink) {
    const state = jsonObject(file);
    if ("problem" in state) return [state.problem];
    const history = state.values.log_history;
    if (!Array.isArray(history)) return [`${file.name}: holds no list log_history`];
    const rows = history.filter(isObject);
    for (const row of rows) sink.row(row);
    if (rows.length < history.length) {
      return [
        `${file.name}: ${history.length - rows.length} entries of log_history are no objects`,
      ];
    }
    return rows.length === 0 ? [`${file.name}: its log_history is empty`] : [];
  },
};

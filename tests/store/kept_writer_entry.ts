/** Writes both files of what was kept, over and over, until it is killed. */
import { keepListed } from "../../lib/store/listed.ts";
import { keepOpening } from "../../lib/store/opening.ts";
import { largeListing, largeOpening } from "./kept_content.ts";

const [own = "", seed = "0"] = Deno.args;
for (let turn = 0;; turn++) {
  const mark = `${seed}.${turn}`;
  keepOpening({ own }, largeOpening(mark));
  keepListed({ own }, "basis", largeListing(mark));
}

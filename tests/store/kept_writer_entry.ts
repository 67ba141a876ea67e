/** Writes both files of what was kept, over and over, until it is killed. */
import { keepListed } from "../../lib/store/listed.ts";
import { keepOpening } from "../../lib/store/opening.ts";
import { largeListing, largeOpening } from "./kept_content.ts";

const [own = "", mark = ""] = Deno.args;
const opening = largeOpening(mark);
const listing = largeListing(mark);
for (;;) {
  keepOpening({ own }, opening);
  keepListed({ own }, "basis", listing);
}

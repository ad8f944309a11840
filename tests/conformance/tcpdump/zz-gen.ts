import { writeFileSync } from "node:fs";
import { generated, PROTOCOLS } from "/tmp/wt/printers1/tests/conformance/tcpdump/generated.ts";
import { mutated } from "/tmp/wt/printers1/tests/conformance/tcpdump/packets.ts";
const [name, out, seed, copies] = process.argv.slice(2);
writeFileSync(out!, mutated(generated(PROTOCOLS[name!]!, seed ? Number(seed) : undefined), copies ? Number(copies) : 2, seed ? Number(seed) : 1));

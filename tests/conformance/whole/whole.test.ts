// Whole scripts on the embedded system, each run by a bash of its own, against what the real programs printed in a guest with Linux
// 6.1 (record.ts). Two recordings tell what varies.

import { describe, expect, test } from "vitest";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { AddressMap, equalsRecording } from "../compare.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import { recording, scriptNames, scriptText } from "./scripts.ts";

async function runEmbedded(name: string): Promise<string> {
  const lines = new EmbeddedLines({
    profile: "linux-6.1",
    lookup: lookupProgram,
    startCost: 1_000_000,
    lineCost: 0,
  });
  await lines.run("ip link set lo up");
  const text = scriptText(name);
  if (text.includes("ovs-")) await lines.run("/usr/share/openvswitch/scripts/ovs-ctl start");
  const end = "END_OF_THE_WHOLE_SCRIPT";
  await lines.run(`cat > /tmp/${name}.sh <<'${end}'\n${text}${end}\n`);
  const { stdout } = await lines.run(`bash ${name}.sh 2>&1 < /dev/null; echo "[exit $?]"`);
  return stdout;
}

const result = (stdout: string) => ({ stdout, stderr: "", rc: 0 });

describe("prints what the real programs printed", () => {
  test.each(scriptNames())("%s", { timeout: 60_000 }, async (name) => {
    const [first, second] = [recording(name, 1), recording(name, 2)];
    const ours = await runEmbedded(name);
    const recorded = { cmd: name, first: result(first), second: result(second), mayVary: true };
    const equal = equalsRecording(recorded, result(ours), new AddressMap());
    expect(ours).toBe(equal ? ours : first);
    expect(first.split("\n").length).toBeGreaterThan(15);
  });
});

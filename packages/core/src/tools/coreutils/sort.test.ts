import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

/** What GNU sort 9.1 prints with LC_ALL=C. */
const CASES: readonly (readonly [command: string, output: string])[] = [
  [`printf '2001:db8::f2\\n2001:db8:1::f1\\nB\\na\\n' | sort`, "2001:db8:1::f1\n2001:db8::f2\nB\na\n"],
  [`printf '10\\n9\\n-1\\nx\\n0.5\\n' | sort -n`, "-1\nx\n0.5\n9\n10\n"],
  [`printf '1K\\n900\\n2M\\n-1G\\n' | sort -h`, "-1G\n900\n1K\n2M\n"],
  [`printf '1e3\\n5\\nnan\\nx\\n-inf\\n' | sort -g`, "x\nnan\n-inf\n5\n1e3\n"],
  [`printf 'dec\\nJan\\nx\\nfeb\\n' | sort -M`, "x\nJan\nfeb\ndec\n"],
  [`printf 'eth10\\neth2\\n.x\\nv1.2~rc\\nv1.2\\n' | sort -V`, ".x\neth2\neth10\nv1.2~rc\nv1.2\n"],
  [`printf 'b 2\\na 10\\nc 1\\n' | sort -k2n`, "c 1\nb 2\na 10\n"],
  [`printf 'a:b:1\\na:a:2\\n' | sort -t: -k1,1 -k2,2`, "a:a:2\na:b:1\n"],
  [`printf 'b\\nA\\na\\nB\\n' | sort -f`, "A\na\nB\nb\n"],
  [`printf 'b 1\\na 1\\nc 0\\n' | sort -s -k2,2nr`, "b 1\na 1\nc 0\n"],
  [`printf 'x\\nx\\ny\\n' | sort -u`, "x\ny\n"],
  [`printf 'b\\na\\n' | sort -c; echo $?`, "sort: -:2: disorder: a\n1\n"],
  ["sort -gn </dev/null; echo $?", "sort: options '-gn' are incompatible\n2\n"],
  ["sort -k1.0 </dev/null", "sort: character offset is zero: invalid field specification '1.0'\n"],
  ["sort /tmp/none", "sort: cannot read: /tmp/none: No such file or directory\n"],
];

test("sorts as GNU sort in the C locale", async () => {
  const replay = new Replay();
  for (const [command, output] of CASES) {
    const { stdout, stderr } = await replay.run(command);
    expect([command, stderr + stdout]).toEqual([command, output]);
  }
});

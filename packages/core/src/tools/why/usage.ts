// What `why --help` and `doctor --help` say.

export const WHY_USAGE = `Usage: why [OPTION]... NAMESPACE DESTINATION
Tells why NAMESPACE (one of \`ip netns\`, "host", or the id of a process in it) does not reach DESTINATION: what is wrong,
where, what shows it, and the commands that put it right. Sends one packet as trace does, and looks at the state of every
namespace.

      --udp PORT     ask about a UDP datagram to PORT instead of a ping
      --tcp PORT     ask about a connection to PORT
  -s, --size BYTES   ask about a ping of this size (56)
      --json         as JSON
      --color WHEN   always, never or auto; NO_COLOR in the environment is never
      --list         what is recognized
      --help         this text

Examples:
  why green 10.1.0.2
  why --size 1472 green 10.1.0.2     do large packets pass?
  why --json green 10.1.0.2 | jq -r '.diagnoses[0].fix[]' | bash

Exit status: 0 it works; 1 something is wrong, and was named or not; 2 wrong usage.
`;

export const DOCTOR_USAGE = `Usage: doctor [OPTION]...
Looks at a whole network, without a destination: every namespace, every link between hosts, every gateway; and at frames
for a moment, for bridges that send them round and round. Nothing is sent. On the real kernel the ports of bridges are listened
to. Namespaces without a name are looked at where a cable leads to them.

      --json         as JSON
      --color WHEN   always, never or auto; NO_COLOR in the environment is never
      --drops        also what was dropped until now, by device and reason; on the real kernel by its counters
      --help         this text

Exit status: 0 nothing is wrong; 1 something is; 2 wrong usage.
`;

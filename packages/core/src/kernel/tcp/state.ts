// The states of a connection (RFC 9293, 3.3.2), and the numbers by which Linux tells them (include/net/tcp_states.h).

export type TcpState =
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT"
  | "CLOSED";

export const TCP_STATE_NUMBER: Readonly<Record<TcpState, number>> = {
  ESTABLISHED: 1,
  "SYN-SENT": 2,
  "SYN-RECEIVED": 3,
  "FIN-WAIT-1": 4,
  "FIN-WAIT-2": 5,
  "TIME-WAIT": 6,
  CLOSED: 7,
  "CLOSE-WAIT": 8,
  "LAST-ACK": 9,
  LISTEN: 10,
  CLOSING: 11,
};

/** States in which the program may send. */
export function maySend(state: TcpState): boolean {
  return state === "ESTABLISHED" || state === "CLOSE-WAIT";
}

/** Both sides know of each other's sequence numbers. */
export function isSynchronized(state: TcpState): boolean {
  return state !== "LISTEN" && state !== "SYN-SENT" && state !== "SYN-RECEIVED" && state !== "CLOSED";
}

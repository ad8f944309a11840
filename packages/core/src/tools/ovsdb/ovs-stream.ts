/** As Open vSwitch sets its TCP sockets, and looks at them (check_connection_completion). */
export const OVS_STREAM = { noDelay: true, backlog: 10, looksAtOnce: true } as const;

// By what a switch knows that a controller has accepted it (rconn.c), after which the time to try again anew begins.

/** is_admitted_msg() of rconn.c: what a controller sends to anybody does not count as accepting the switch. */
export const BEFORE_ADMISSION: ReadonlySet<string> = new Set([
  "hello",
  "error",
  "echo_request",
  "echo_reply",
  "features_request",
  "features_reply",
  "get_config_request",
  "get_config_reply",
  "set_config",
  "queue_config_request",
  "queue_config_reply",
  "get_async_request",
  "get_async_reply",
  "role_request",
]);

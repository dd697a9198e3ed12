import type { RpcError } from "../json-rpc.ts";

/** "Authentication required": https://agentclientprotocol.com/protocol/v1/schema#errorcode */
const LOGIN_REQUIRED = -32000;

export function isLoginError(error: RpcError): boolean {
  return error.code === LOGIN_REQUIRED;
}

/** An agent's error as a sentence: many say "Internal error" and put the reason in the data. */
export function describe(error: RpcError): string {
  const data = error.data as { details?: unknown; message?: unknown } | null | undefined;
  const reason = [data?.details, data?.message].find((each) => typeof each === "string");
  return reason === undefined || reason === error.message ? error.message : `${error.message}: ${reason}`;
}

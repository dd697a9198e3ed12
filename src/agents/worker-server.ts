/** The name under which agents get our MCP server. */
export const WORKER_SERVER = "dispatch";

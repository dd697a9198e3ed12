import { agentRow, TERMINAL_FORMS } from "./catalog.ts";
import { StartError, type Driver } from "./driver.ts";

/** The driver of an agent. One that the catalog does not name is taken to speak plain ACP. Its code is loaded when it opens. */
export function driverFor(agent: string): Driver {
  return {
    async open(input) {
      const driver = await load(agent);
      return driver.open(input);
    },
  };
}

async function load(agent: string): Promise<Driver> {
  const form = TERMINAL_FORMS.find((row) => row.agent === agent);
  if (form !== undefined) return (await import("./terminal/driver.ts")).terminalDriver(form);
  const row = agentRow(agent) ?? agentRow("acp");
  if (row === null) throw new StartError("missing", `there is no agent ${agent}`);
  switch (row.protocol) {
    case "acp":
      return (await import("./acp/driver.ts")).acpDriver(row);
    case "exec":
      return (await import("./exec/driver.ts")).execDriver(row);
    case "shell":
      return (await import("./shell/driver.ts")).shellDriver;
  }
}

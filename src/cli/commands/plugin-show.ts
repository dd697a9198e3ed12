import { agentSetting, hasSetting, SETTINGS } from "../agent-setting.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint } from "../failure.ts";
import { usageError } from "../parse.ts";

const AGENTS = Object.keys(SETTINGS).join(", ");

export const pluginShow = command({
  operands: ["[AGENT]"],
  details: `AGENT is one of ${AGENTS} (default: claude). What is printed goes into the file that the hint names.`,
  examples: ["dispatch plugin show cursor", "dispatch plugin show codex >> ~/.codex/config.toml"],
  flags: {},
  async run({ local, output }, { operands }) {
    const [agent = "claude"] = operands;
    if (!hasSetting(agent))
      throw usageError(
        `no setting for ${agent}; there are some for ${AGENTS}`,
        "dispatch plugin show claude",
      );
    const setting = agentSetting(agent, local);
    await output.show(setting, ({ text }) => text);
    if (!output.json) reportHint(setting.hint);
    return EXIT.done;
  },
});

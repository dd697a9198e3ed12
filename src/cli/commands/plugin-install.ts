import { startOf } from "../agent-setting.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint, reportNotice } from "../failure.ts";
import { PLUGIN_AGENTS, Plugins } from "../plugin-host.ts";
import { PLUGIN_FLAGS, pluginRoot, pluginWords, writePlugin } from "../plugin-place.ts";

const NEXT = {
  claude: "in a new session, say /dispatch",
  codex: "in a new session, trust the hooks and say: dispatch …",
};

export const pluginInstall = command({
  operands: ["AGENT"],
  details: `AGENT is one of ${PLUGIN_AGENTS.join(", ")}. Its own command installs the plugin, so that other settings stay as they are. Again: the plugin of this version. dispatch plugin remove takes it away.`,
  examples: ["dispatch plugin install claude", "dispatch plugin install claude --scope project"],
  flags: PLUGIN_FLAGS,
  async run({ local, output }, { operands: [name = ""], flags }) {
    const { agent, scope } = pluginWords("install", name, flags.scope);
    const { PLUGIN_FILES } = await import("../plugin-files.ts"); // texts that no other command needs
    const plugins = new Plugins(agent, scope, local.environment);
    const root = pluginRoot(local.home, agent);
    await plugins.isKnown(root);
    const start = startOf(local);
    writePlugin(root, PLUGIN_FILES[agent](start));
    await plugins.install(root, scope);
    if (start.command !== "dispatch")
      reportNotice("dispatch is not on your PATH: the commands of the skills need it");
    await output.show({ agent, scope, path: root }, () => `Installed the plugin for ${agent}.`);
    if (!output.json) reportHint(NEXT[agent]);
    return EXIT.done;
  },
});

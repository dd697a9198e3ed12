import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { PLUGIN_AGENTS, Plugins } from "../plugin-host.ts";
import { PLUGIN_FLAGS, pluginRoot, pluginWords, removePlugin } from "../plugin-place.ts";

export const pluginRemove = command({
  operands: ["AGENT"],
  details: `AGENT is one of ${PLUGIN_AGENTS.join(", ")}. Tasks and sessions go on.`,
  flags: PLUGIN_FLAGS,
  async run({ local, output }, { operands: [name = ""], flags }) {
    const { agent, scope } = pluginWords("remove", name, flags.scope);
    const plugins = new Plugins(agent, scope, local.environment);
    const root = pluginRoot(local.home, agent);
    const wasThere = await plugins.isKnown(root);
    if (!wasThere || (await plugins.remove(scope))) removePlugin(root);
    await output.show({ agent, scope, removed: wasThere }, () =>
      wasThere ? `Removed the plugin from ${agent}.` : `${agent} had no plugin of ours.`,
    );
    return EXIT.done;
  },
});

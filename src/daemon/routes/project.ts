import type { Handlers } from "./handler.ts";

export const projectHandlers: Pick<Handlers, "listProjects" | "discoverProjects"> = {
  async listProjects({ query: { limit, offset } }, { projects }) {
    await projects.ready();
    const all = projects.list();
    const page = all.slice(offset, offset + limit);
    return { projects: page, next: offset + limit < all.length ? offset + limit : null };
  },

  discoverProjects({ body: { path } }, { projects }) {
    return projects.discover(path);
  },
};

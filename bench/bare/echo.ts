// Answers every request on the socket that it is given with what came.
Bun.serve({
  unix: process.argv[2]!,
  fetch: async (request) => new Response(await request.text()),
});
console.log("ready");

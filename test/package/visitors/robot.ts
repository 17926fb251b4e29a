/** Another worker, whose clients meet in a room of the app. */
import { meet } from "./meet.ts";

export default {
  async fetch(request) {
    return Response.json(await meet(new URL(request.url).searchParams.get("host") ?? ""));
  },
} satisfies ExportedHandler;

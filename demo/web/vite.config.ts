/** Builds the demo's page. In development the worker (wrangler dev, port 8787) answers what is not a page. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const worker = "http://localhost:8787";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The table is one chunk, 165 kB gzipped; the notes' editor and the devtools come when they are asked for.
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 600 },
  worker: { format: "es" },
  server: { proxy: { "/parties": { target: worker, ws: true }, "/auth": worker } },
});

// npm run build: everything that `npm start` does before it serves.
import { prepare } from "./prepare.mjs";

await prepare();

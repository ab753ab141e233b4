/** Starts the page. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app.css";
import { App } from "./app.tsx";
import { takeCode } from "./wire/session.ts";

const place = document.getElementById("desk");
if (place === null) throw new Error("index.html has no element with the id desk");
// Read once, before React may mount the page twice: the address forgets it at the same moment.
const firstCode = takeCode();
createRoot(place).render(
  <StrictMode>
    <App firstCode={firstCode} />
  </StrictMode>,
);

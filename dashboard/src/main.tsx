/** Starts the page. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app.css";
import { App } from "./app.tsx";

const place = document.getElementById("desk");
if (place === null) throw new Error("index.html has no element with the id desk");
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

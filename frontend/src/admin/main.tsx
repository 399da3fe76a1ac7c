/** Where operators' console begins. */
import { createRoot } from "react-dom/client";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import "./admin.css";
import { Console } from "./Console";
import { texts } from "./texts/common";

const root = document.getElementById("root");
if (root === null) throw new Error("the console has no place to be shown in");

createRoot(root).render(
  <ErrorBoundary
    fallback={
      <p role="alert" className="p-8 text-center">
        {texts.broken}
      </p>
    }
  >
    <Console />
  </ErrorBoundary>,
);

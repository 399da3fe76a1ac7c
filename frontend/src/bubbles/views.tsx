/** Which component shows which type of bubble. */
import type { ComponentType } from "react";
import type { BubbleType } from "../api/types";
import { CategoryListBubble } from "./CategoryListBubble";
import { ErrorBubble } from "./ErrorBubble";
import { FaqListBubble } from "./FaqListBubble";
import { FeedbackFormBubble } from "./FeedbackFormBubble";
import { FeedbackRequestBubble } from "./FeedbackRequestBubble";
import { GuideBubble } from "./GuideBubble";
import { ImageBubble } from "./ImageBubble";
import { LinkBubble } from "./LinkBubble";
import { NoticeBubble } from "./NoticeBubble";
import type { BubbleProps } from "./props";
import { SimilarQuestionsBubble } from "./SimilarQuestionsBubble";
import { TextBubble } from "./TextBubble";
import { VideoBubble } from "./VideoBubble";

export const views: Record<BubbleType, ComponentType<BubbleProps>> = {
  text: TextBubble,
  faq_list: FaqListBubble,
  category_list: CategoryListBubble,
  similar_questions: SimilarQuestionsBubble,
  guide: GuideBubble,
  image: ImageBubble,
  video: VideoBubble,
  link: LinkBubble,
  feedback_request: FeedbackRequestBubble,
  feedback_form: FeedbackFormBubble,
  notice: NoticeBubble,
  error: ErrorBubble,
};

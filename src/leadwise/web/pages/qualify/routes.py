"""Routes of qualification."""

from __future__ import annotations

from leadwise.web.pages.qualify.batch import MOST_FILES, batch_progress, begin, show_batch
from leadwise.web.pages.qualify.conversation import (
    again,
    delete,
    show_conversation,
    show_reading,
)
from leadwise.web.pages.qualify.form import save, show_form
from leadwise.web.pages.qualify.frames import check_frame, show_frame, show_frames
from leadwise.web.pages.qualify.of_lead import show_answers
from leadwise.web.pages.qualify.prospect import (
    make_link,
    prospect_form,
    prospect_send,
    prospect_thanks,
)
from leadwise.web.pages.qualify.review import decide, show_review
from leadwise.web.pages.qualify.segments import segments_csv, show_segment, show_segments
from leadwise.web.pages.qualify.uploading import MOST_TEXT, show_conversations, upload
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post

_LEAD = "/leads/{lead_id:int}"
_TALK = "/conversations/{conversation_id:int}"
ROUTES: tuple[Page, ...] = (
    get(f"{_LEAD}/qualify", show_form, Right.WORK),
    post(f"{_LEAD}/qualify", save, Right.WORK),
    post(f"{_LEAD}/qualify/link", make_link, Right.WORK),
    get(f"{_LEAD}/conversations", show_conversations),
    post(f"{_LEAD}/conversations", upload, Right.WORK, text=MOST_TEXT),
    get(_TALK, show_conversation),
    post(f"{_TALK}/read", again, Right.WORK),
    get(f"{_TALK}/reading", show_reading),
    post(f"{_TALK}/delete", delete, Right.WORK),
    get("/review", show_review, Right.WORK),
    post("/review/{answer_id:int}", decide, Right.WORK),
    get(f"{_LEAD}/answers", show_answers),
    get("/qualification", show_segments),
    get("/qualification.csv", segments_csv),
    get("/qualification/leads", show_segment),
    get("/qualification/batch", show_batch, Right.WORK),
    get("/qualification/batch/jobs", batch_progress, Right.WORK),
    post("/qualification/batch", begin, Right.WORK, files=MOST_FILES),
    get("/frames", show_frames),
    get("/frames/{name}", show_frame),
    post("/frames/{name}", check_frame, Right.CARDS),
    get("/q/{token}", prospect_form, Right.ANYBODY),
    post("/q/{token}", prospect_send, Right.ANYBODY),
    get("/q/{token}/thanks", prospect_thanks, Right.ANYBODY),
)

"""Opening conversations: files of calls, mails and chats, as the tools that made them write."""

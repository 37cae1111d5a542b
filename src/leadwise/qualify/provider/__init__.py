"""The reader that asks a model provider, through pydantic-ai: any that speaks OpenAI's protocol
(Ollama, vLLM and llama.cpp's server among them), Anthropic, Google.

    redact     e-mail addresses, phone numbers and long numbers taken out, and put back
    windows    a long conversation in parts that overlap
    prompt     what is asked: instructions, and the turns as data
    shape      the typed answer of a frame, as a pydantic model
    held       what came back, held to the conversation: quotes, parts, sides
    connect    the model of the settings; the only modules that import pydantic-ai are this and
    ask        one window asked, with a second try
    faults     what can go wrong, said with what to do
    limits     what a conversation and a day may cost
    cache      answers kept by what was asked
    describe   what is sent where
    reader     all of it together

pydantic-ai is imported when a model is asked, never before: it takes a second to load.
"""

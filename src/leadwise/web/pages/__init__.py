"""The web application: pages for representatives, marketing and administrators.

    rights.py     who may do what          site.py       what every page works with
    routing.py    a page's route           visit.py      one request: who, in which language
    rendering.py  templates, scripts       texts.py      languages, numbers, dates
    forged.py     against forged requests  assets.py     what is below /static
    opening.py    whose visit it is        again.py      a form that came without its session
    routes.py     all pages, navigation    troubles.py   what people see of any other failure

Each group of pages is a folder of its own (`signin`, `queue`, `lead`, `studio`, `reports`, `admin`)
with its routes in `routes.py`, its templates in `templates/<group>` and its reading and wording
beside. A handler is a plain function from a `Visit` to a response and runs in a thread; what it
shows it reads from `leadwise.store` and the layers above, never from `/api`.
"""

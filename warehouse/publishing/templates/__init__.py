"""The pages and letters that people read, as Jinja templates: what is put into HTML is escaped."""

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

_ENVIRONMENT = Environment(
    loader=PackageLoader("warehouse.publishing", "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def read_template(name: str) -> Template:
    """The template of that name: 'digest.html', 'report.html', …"""
    return _ENVIRONMENT.get_template(name)

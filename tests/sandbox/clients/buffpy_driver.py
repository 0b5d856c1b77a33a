"""Drives buffpy 3.1.1 through everything it can do; prints what it saw as one JSON document.

Run with the Python that has buffpy: `buffpy_driver.py http://127.0.0.1:PORT/1 TOKEN`.
"""

import json
import sys

import buffpy.api
from buffpy.exceptions import BuffpyRestException
from buffpy.managers.profiles import Profiles
from buffpy.models.link import Link
from buffpy.models.update import Update
from buffpy.models.user import User


def main(url, token):
    buffpy.api.BASE_URL = url + "/{}"
    api = buffpy.api.API(client_id="id", client_secret="secret", access_token=token)
    seen = {"user": User(api).name, "info": sorted(api.info.services.__dict__)}
    profile = Profiles(api).filter(service="twitter")[0]
    seen["profile"] = profile.id
    profile.schedules = {"days": ["mon", "tue"], "times": ["09:00", "17:00"]}
    seen["schedules"] = profile.schedules
    updates = profile.updates
    made = [updates.new(f"Grüße & more {n}", shorten="false") for n in range(3)]
    seen["made"] = [item.text for item in made]
    card = {"link": "https://acme.example/a?b=c&d", "title": "A title"}
    page = Profiles(api).filter(service="facebook")[0]
    seen["card"] = page.updates.new("Look", media=card, when="2030-01-01T09:30:00").media.title
    seen["now"] = updates.new("Right now", now="true").status
    seen["moved"] = made[2].move_to_top().id == made[2].id
    seen["pending"] = [item.text for item in updates.pending]
    order = [item.id for item in reversed(updates.pending)]
    seen["reordered"] = [item["text"] for item in updates.reorder(order)["updates"]]
    seen["shuffled"] = len(updates.shuffle(count=2)["updates"])
    seen["edited"] = made[0].edit("Changed").text
    seen["read"] = Update(api, id=made[0].id).text
    seen["interactions"] = made[0].interactions
    seen["published"] = made[1].publish()
    seen["deleted"] = made[0].delete()
    seen["sent"] = [item.text for item in updates.sent]
    seen["left"] = [item.text for item in updates.pending]
    seen["shares"] = Link(api, "https://acme.example/").shares
    try:
        made[0].delete()
    except BuffpyRestException as error:
        seen["error"] = error.http_code
    print(json.dumps(seen))


main(*sys.argv[1:])

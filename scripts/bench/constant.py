"""What cold starts are measured against: a function that imports FastAPI and Mangum and returns a constant."""

from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel


class Constant(BaseModel):
    """What it returns."""

    answer: str


app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)


@app.get("/v1/sessions")
def constant() -> Constant:
    """It, always."""
    return Constant(answer="안녕하세요.")


handler = Mangum(app, lifespan="off")
